using System;
using System.Runtime.InteropServices;

namespace LocalService.Tests.Unit;

/// <summary>An extended regular expression of the C library under the tests, in the C locale. Its regex(3) is the reference for ours.</summary>
internal sealed unsafe partial class GlibcRegex : IDisposable
{
    private const int Extended = 1;
    private const int NoSubexpressions = 8;
    private const int SizeOfRegex = 64; // regex_t of glibc on 64-bit machines
    private const int AllCategories = 0x1fbf;

    private static readonly nint cLocale = NewLocale(AllCategories, "C", 0);

    private readonly void* regex = NativeMemory.AllocZeroed(SizeOfRegex);
    private readonly bool valid;

    internal GlibcRegex(byte[] text)
    {
        nint former = UseLocale(cLocale); // for this thread: the test host has set the locale of the environment
        fixed (byte* pattern = (byte[])[.. text, 0])
        {
            int error = RegComp(regex, pattern, Extended | NoSubexpressions);
            valid = error == 0;
            byte* message = stackalloc byte[200];
            _ = RegError(error, regex, message, 200);
            Error = Memory.Bytes.OfC(message).ToText();
        }
        _ = UseLocale(former);
    }

    /// <summary>The text of the error, <c>Success</c> when there is none.</summary>
    internal string Error { get; }

    internal bool IsMatch(byte[] subject)
    {
        nint former = UseLocale(cLocale);
        fixed (byte* text = (byte[])[.. subject, 0])
        {
            int result = RegExec(regex, text, 0, null, 0);
            _ = UseLocale(former);
            return result == 0;
        }
    }

    public void Dispose()
    {
        if (valid)
            RegFree(regex);
        NativeMemory.Free(regex);
    }

    [LibraryImport("libc", EntryPoint = "regcomp")]
    private static partial int RegComp(void* regex, byte* pattern, int flags);

    [LibraryImport("libc", EntryPoint = "regexec")]
    private static partial int RegExec(void* regex, byte* subject, nuint matches, void* match, int flags);

    [LibraryImport("libc", EntryPoint = "regerror")]
    private static partial nuint RegError(int error, void* regex, byte* text, nuint size);

    [LibraryImport("libc", EntryPoint = "regfree")]
    private static partial void RegFree(void* regex);

    [LibraryImport("libc", EntryPoint = "newlocale", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint NewLocale(int categories, string name, nint start);

    [LibraryImport("libc", EntryPoint = "uselocale")]
    private static partial nint UseLocale(nint locale);
}
