using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Events;

/// <summary>Removes the FIFOs that listeners have left behind. Specification "ftrig", section 2.</summary>
internal readonly struct CleanFifoDir : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-cleanfifodir"u8;
    public static int ManualSection => 1;
    public static ReadOnlySpan<byte> Summary => "remove the FIFOs of dead listeners from a fifodir"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        fifodir  the path of the fifodir
        """u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        var options = new OptionReader(invocation.Words, Declaration);
        CString path = options.OperandPointer();
        if (options.IsWrong)
            return diagnostics.Usage(options);
        Errno error = FifoDirectory.Clean(path);
        return error.Failed ? diagnostics.Fatal(error, "unable to clean up fifodir at "u8, Bytes.OfC(path)) : Outcome.Exit(ExitCode.Success);
    }
}
