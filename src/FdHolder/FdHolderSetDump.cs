using System;
using LocalService.CommandLine;
using LocalService.Posix;

namespace LocalService.FdHolder;

/// <summary>Specification "fdholder", sections 6 and 7.</summary>
internal readonly unsafe struct FdHolderSetDump : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-fdholder-setdump"u8;
    public static ReadOnlySpan<byte> Usage => "[ -t timeout ] socket"u8;
    public static ReadOnlySpan<byte> Summary => "give a descriptor holder what fdholder-getdump took"u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        if (!HolderClientOptions.TryParse(invocation.Words, "t:"u8, 1, out HolderClientOptions options))
            return diagnostics.Usage(Usage);
        DumpProblem problem = DumpEnvironment.Read(invocation.Environment, TaiDate.Now, out Dump dump, out DumpVariable variable);
        ReadOnlySpan<byte> name = variable.Name(stackalloc byte[DumpVariable.LongestName]);
        if (problem == DumpProblem.NotSet)
            return diagnostics.Fatal(ExitCode.Usage, name, " not set"u8);
        if (problem == DumpProblem.Invalid)
            return diagnostics.Fatal(ExitCode.Usage, "invalid $"u8, name);
        HolderConnection* connection = HolderConnection.Open(
            diagnostics, HolderConnection.UnableToConnect, options.Arguments[0], options.Milliseconds);
        if (connection == null)
            return Outcome.Exit(options.ExitCode);
        Errno error = DumpTransfer.Set(connection, dump);
        return Outcome.Exit(connection->Close(error, diagnostics, "unable to set dump"u8));
    }
}
