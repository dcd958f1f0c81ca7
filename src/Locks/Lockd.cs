using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;
using LocalService.Services;

namespace LocalService.Locks;

/// <summary>Takes locks for one client. Specification "lock", section 1.</summary>
internal readonly unsafe struct Lockd : IRole
{
    private const uint HelloMilliseconds = 2000;

    public static ReadOnlySpan<byte> Program => "s6lockd"u8;
    public static int ManualSection => 8;
    public static ReadOnlySpan<byte> Summary => "lock files, with time limits, for a client on standard input"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        lockdir  the directory of the files
        """u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        var options = new OptionReader(invocation.Words, Declaration);
        CString directory = options.OperandPointer();
        if (options.IsWrong)
            return diagnostics.Usage(options);
        if (libc.chdir(directory) < 0)
            return diagnostics.Fatal(Errno.Last, "unable to chdir to "u8, Bytes.OfC(directory));
        var service = new LockService();
        Errno error = service.Open();
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to prepare for locks"u8);
        return SessionDaemon<LockService>.Run(service, new Greeting(LockService.Protocols), HelloMilliseconds, invocation, diagnostics);
    }
}
