using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Posix;

namespace LocalService.FdHolder;

/// <summary>Specification "fdholder", sections 6 and 7.</summary>
internal readonly unsafe struct FdHolderGetDump : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-fdholder-getdump"u8;
    public static int ManualSection => 1;
    public static ReadOnlySpan<byte> Summary => "get all descriptors from a descriptor holder, then execute a program"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -t --timeout=timeout  overall time limit in milliseconds; 0, the default: no limit
        socket  the socket of the holder
        prog...  the program to execute, and its arguments
        """u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        var reader = new OptionReader(invocation.Words, Declaration);
        HolderClientOptions options = HolderClientOptions.Read(ref reader);
        Words program = reader.Program();
        if (reader.IsWrong)
            return diagnostics.Usage(reader);
        HolderConnection* connection = HolderConnection.Open(diagnostics, options);
        if (connection == null)
            return Outcome.Exit(ExitCode.System);
        Errno error = DumpTransfer.Get(connection, out Dump dump);
        int exitCode = connection->Close(error, diagnostics, "unable to get dump"u8);
        if (exitCode != ExitCode.Success)
            return Outcome.Exit(exitCode);
        dump.HandDown();
        EnvironmentBlock environment = DumpEnvironment.With(invocation.Environment, dump, TaiDate.Now);
        dump.Free();
        return Exec.Into(program, environment);
    }
}
