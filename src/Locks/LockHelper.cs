using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Locks;

/// <summary>Holds a lock for the process at the other end of its standard input and output. Specification "lock", section 2.</summary>
internal readonly unsafe struct LockHelper : IRole
{
    public static ReadOnlySpan<byte> Program => "s6lockd-helper"u8;
    public static int ManualSection => 8;
    public static ReadOnlySpan<byte> Summary => "take a lock, say so on standard output, and keep it until standard input ends"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        r|w  a shared lock, or an exclusive one if the word begins with w
        lockfile  the file to lock, created if it is missing
        """u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        var options = new OptionReader(invocation.Words, Declaration);
        ReadOnlySpan<byte> kind = options.Operand();
        CString path = options.OperandPointer();
        if (options.IsWrong)
            return diagnostics.Usage(options);
        bool exclusive = kind.StartsWith("w"u8);
        Outcome opened = LockFile.Open(path, exclusive, out int file, diagnostics);
        if (opened.Code != ExitCode.Success)
            return opened;
        Errno error;
        do
            error = new FileLock(file, exclusive, ofOpenFile: false).Await();
        while (error.Is(libc.EINTR));
        if (error.Failed)
        {
            _ = diagnostics.Fatal(error, "unable to lock "u8, Bytes.OfC(path));
            return Outcome.Exit(ExitCode.Refused);
        }
        error = Say();
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to write to stdout"u8);
        byte ignored;
        nint size;
        do
            size = libc.read(libc.STDIN_FILENO, &ignored, 1);
        while (Errno.Interrupted(size));
        return size < 0 ? diagnostics.Fatal(Errno.Last, "unable to read from stdin"u8) : Outcome.Exit(ExitCode.Success);
    }

    private static Errno Say()
    {
        var line = new Line(libc.STDOUT_FILENO, stackalloc byte[1]);
        line.Add("!"u8);
        line.Flush();
        return line.Error;
    }
}
