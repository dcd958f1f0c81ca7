using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Posix;

namespace LocalService.FdHolder;

/// <summary>Specification "fdholder", section 6.</summary>
internal readonly unsafe struct FdHolderTransferDump : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-fdholder-transferdump"u8;
    public static int ManualSection => 1;
    public static ReadOnlySpan<byte> Summary => "transfer all descriptors from one descriptor holder to another"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -t --timeouts=timeoutfrom:timeoutto  time limits in milliseconds for the two holders, either may be missing; 0, the default: no limit
        socketfrom  the socket of the holder to take from
        socketto  the socket of the holder to give to
        """u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        var reader = new OptionReader(invocation.Words, Declaration);
        HolderClientOptions options = HolderClientOptions.Read(ref reader, takesTwoLimits: true);
        ReadOnlySpan<byte> socketTo = reader.Operand();
        if (reader.IsWrong)
            return diagnostics.Usage(reader);
        HolderConnection* source = HolderConnection.Open(
            diagnostics, "unable to connect to a source fd-holder daemon at "u8, options.Socket, options.Milliseconds);
        if (source == null)
            return Outcome.Exit(ExitCode.System);
        Errno error = DumpTransfer.Get(source, out Dump dump);
        int exitCode = source->Close(error, diagnostics, "unable to get dump"u8);
        if (exitCode != ExitCode.Success)
            return Outcome.Exit(exitCode);
        HolderConnection* destination = HolderConnection.Open(
            diagnostics, "unable to connect to a destination fd-holder daemon at "u8, socketTo, options.SecondMilliseconds);
        if (destination == null)
            return Outcome.Exit(ExitCode.System);
        error = DumpTransfer.Set(destination, dump);
        return Outcome.Exit(destination->Close(error, diagnostics, "unable to set dump"u8));
    }
}
