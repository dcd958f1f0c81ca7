using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Posix;

namespace LocalService.FdHolder;

/// <summary>Specification "fdholder", sections 6 and 7.</summary>
internal readonly unsafe struct FdHolderSetDump : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-fdholder-setdump"u8;
    public static int ManualSection => 1;
    public static ReadOnlySpan<byte> Summary => "give a descriptor holder the descriptors from fdholder-getdump"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -t --timeout=timeout  overall time limit in milliseconds; 0, the default: no limit
        socket  the socket of the holder
        """u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        var reader = new OptionReader(invocation.Words, Declaration);
        HolderClientOptions options = HolderClientOptions.Read(ref reader);
        if (reader.IsWrong)
            return diagnostics.Usage(reader);
        DumpProblem problem = DumpEnvironment.Read(invocation.Environment, TaiDate.Now, out Dump dump, out DumpVariable variable);
        ReadOnlySpan<byte> name = variable.Name(stackalloc byte[DumpVariable.LongestName]);
        if (problem == DumpProblem.NotSet)
            return diagnostics.Fatal(ExitCode.Usage, name, " not set"u8);
        if (problem == DumpProblem.Invalid)
            return diagnostics.Fatal(ExitCode.Usage, "invalid $"u8, name);
        HolderConnection* connection = HolderConnection.Open(diagnostics, options);
        if (connection == null)
            return Outcome.Exit(ExitCode.System);
        Errno error = DumpTransfer.Set(connection, dump);
        return Outcome.Exit(connection->Close(error, diagnostics, "unable to set dump"u8));
    }
}
