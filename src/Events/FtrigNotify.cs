using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Events;

/// <summary>Notifies the listeners of a fifodir. Specification "ftrig", section 2.</summary>
internal readonly struct FtrigNotify : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-ftrig-notify"u8;
    public static int ManualSection => 1;
    public static ReadOnlySpan<byte> Summary => "send events, one byte each, to all listeners at a fifodir"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        fifodir  the path of the fifodir
        message  the events
        """u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        var options = new OptionReader(invocation.Words, Declaration);
        CString path = options.OperandPointer();
        ReadOnlySpan<byte> message = options.Operand();
        if (options.IsWrong)
            return diagnostics.Usage(options);
        Errno error = Signals.HoldBack(libc.SIGPIPE) && FifoDirectory.Notify(path, message);
        return error.Failed ? diagnostics.Fatal(error, "unable to notify "u8, Bytes.OfC(path)) : Outcome.Exit(ExitCode.Success);
    }
}
