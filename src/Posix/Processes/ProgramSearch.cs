using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;

namespace LocalService.Posix;

/// <summary>
/// The files that a program name may refer to, in the order in which they are tried: the name itself when it holds a slash, else one in each element
/// of PATH. Empty elements are skipped. Specification "conventions", section 4.
/// </summary>
internal readonly unsafe struct ProgramCandidates
{
    private readonly byte** list;
    private readonly int count;

    private ProgramCandidates(byte** list, int count)
    {
        this.list = list;
        this.count = count;
    }

    /// <summary>The path that is searched when PATH is not set at all.</summary>
    private static ReadOnlySpan<byte> DefaultPath => "/usr/bin:/bin"u8;

    /// <summary>Lists the candidates for a name, with the PATH of an environment.</summary>
    internal static ProgramCandidates Of(ReadOnlySpan<byte> name, EnvironmentBlock environment) => Of(name, environment, default);

    /// <summary>Lists the candidates for a name, with the PATH of an environment, in the given memory.</summary>
    internal static ProgramCandidates Of(ReadOnlySpan<byte> name, EnvironmentBlock environment, Allocator memory)
    {
        if (name.IndexOf((byte)'/') >= 0)
        {
            byte** single = memory.AllocatePointers(1);
            single[0] = memory.CString(name);
            return new ProgramCandidates(single, 1);
        }
        if (!environment.TryGet("PATH"u8, out ReadOnlySpan<byte> path))
            path = DefaultPath;
        byte** candidates = memory.AllocatePointers(CountElements(path));
        int count = 0;
        while (!path.IsEmpty)
        {
            int end = path.IndexOf((byte)':');
            ReadOnlySpan<byte> element = end < 0 ? path : path[..end];
            path = end < 0 ? default : path[(end + 1)..];
            if (!element.IsEmpty)
                candidates[count++] = memory.CString(element, "/"u8, name);
        }
        return new ProgramCandidates(candidates, count);
    }

    /// <summary>The most memory, in bytes, that a list of the candidates takes: for each a pointer, and the element followed by the name.</summary>
    internal static nuint LargestCost(ReadOnlySpan<byte> name, EnvironmentBlock environment)
    {
        const nuint SmallestPiece = 16;
        if (!environment.TryGet("PATH"u8, out ReadOnlySpan<byte> path))
            path = DefaultPath;
        nuint each = (nuint)sizeof(byte*) + SmallestPiece + (nuint)name.Length;
        return (nuint)CountElements(path) * each + (nuint)path.Length + SmallestPiece;
    }

    /// <summary>Tries one candidate after the other. Returns only when none could be executed.</summary>
    internal Errno Execute(byte** arguments, byte** environment)
    {
        ProgramSearch search = Search();
        while (search.MoveNext())
        {
            _ = libc.execve(search.Current, arguments, environment);
            search.Reject(Errno.Last);
        }
        return search.Error;
    }

    /// <summary>
    /// The first candidate that the process could execute now, or null. It is worth trying first when the same program is executed again
    /// and again; when that fails, <see cref="Execute"/> still decides.
    /// </summary>
    internal byte* Likely()
    {
        for (int i = 0; i < count; i++)
        {
            Result<FileStatus> status = FileStatus.Of(list[i]);
            if (!status.Failed && status.Value.IsRegular && FileAccess.MayExecute(list[i]))
                return list[i];
        }
        return null;
    }

    /// <summary>Whether there is no file at any of the places, executable or not.</summary>
    internal bool AreAllMissing()
    {
        for (int i = 0; i < count; i++)
        {
            if (!FileStatus.Of(list[i]).Error.Is(libc.ENOENT))
                return false;
        }
        return true;
    }

    /// <summary>Starts going through the candidates.</summary>
    internal ProgramSearch Search() => new(list, count);

    private static int CountElements(ReadOnlySpan<byte> path)
    {
        int elements = 1;
        foreach (byte character in path)
            elements += character == (byte)':' ? 1 : 0;
        return elements;
    }
}

/// <summary>One walk through the candidates, with the rules for which error ends it and which is reported.</summary>
internal unsafe struct ProgramSearch(byte** list, int count)
{
    private int index = -1;
    private Errno remembered;
    private bool stopped;

    /// <summary>The file to try, as a C string.</summary>
    internal readonly byte* Current => list[index];

    /// <summary>The error to report when no candidate worked.</summary>
    internal readonly Errno Error => remembered.Failed ? remembered : new Errno(libc.ENOENT);

    internal bool MoveNext() => !stopped && ++index < count;

    /// <summary>Notes why the current candidate could not be executed. Anything but a missing or forbidden file ends the walk.</summary>
    internal void Reject(Errno error)
    {
        if (error.Is(libc.ENOENT))
            return;
        remembered = error;
        stopped = error.Number is not (libc.EACCES or libc.EPERM or libc.EISDIR or libc.ENOTDIR);
    }
}
