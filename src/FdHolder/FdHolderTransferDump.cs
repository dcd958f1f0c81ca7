using System;
using LocalService.CommandLine;
using LocalService.Posix;

namespace LocalService.FdHolder;

/// <summary>Specification "fdholder", section 6.</summary>
internal readonly unsafe struct FdHolderTransferDump : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-fdholder-transferdump"u8;
    public static ReadOnlySpan<byte> Usage => "[ -t timeoutfrom:timeoutto ] socketfrom socketto"u8;
    public static ReadOnlySpan<byte> Summary => "give a descriptor holder everything that another one holds"u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        if (!HolderClientOptions.TryParse(invocation.Words, "t:"u8, 2, out HolderClientOptions options, takesTwoLimits: true))
            return diagnostics.Usage(Usage);
        HolderConnection* source = HolderConnection.Open(
            diagnostics, "unable to connect to a source fd-holder daemon at "u8, options.Arguments[0], options.Milliseconds);
        if (source == null)
            return Outcome.Exit(options.ExitCode);
        Errno error = DumpTransfer.Get(source, out Dump dump);
        int exitCode = source->Close(error, diagnostics, "unable to get dump"u8);
        if (exitCode != ExitCode.Success)
            return Outcome.Exit(exitCode);
        HolderConnection* destination = HolderConnection.Open(
            diagnostics, "unable to connect to a destination fd-holder daemon at "u8, options.Arguments[1], options.SecondMilliseconds);
        if (destination == null)
            return Outcome.Exit(options.ExitCode);
        error = DumpTransfer.Set(destination, dump);
        return Outcome.Exit(destination->Close(error, diagnostics, "unable to set dump"u8));
    }
}
