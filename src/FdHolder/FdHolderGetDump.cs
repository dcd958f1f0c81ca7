using System;
using LocalService.CommandLine;
using LocalService.Posix;

namespace LocalService.FdHolder;

/// <summary>Specification "fdholder", sections 6 and 7.</summary>
internal readonly unsafe struct FdHolderGetDump : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-fdholder-getdump"u8;
    public static ReadOnlySpan<byte> Usage => "[ -t timeout ] socket prog..."u8;
    public static ReadOnlySpan<byte> Summary => "take all that a descriptor holder holds, then execute a program"u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        HolderConnection* connection = HolderConnection.Open(invocation.Words, diagnostics, Usage, "t:"u8, 2, out HolderClientOptions options);
        if (connection == null)
            return Outcome.Exit(options.ExitCode);
        Errno error = DumpTransfer.Get(connection, out Dump dump);
        int exitCode = connection->Close(error, diagnostics, "unable to get dump"u8);
        if (exitCode != ExitCode.Success)
            return Outcome.Exit(exitCode);
        dump.HandDown();
        EnvironmentBlock environment = DumpEnvironment.With(invocation.Environment, dump, TaiDate.Now);
        dump.Free();
        return Exec.Into(options.Arguments.From(1), environment);
    }
}
