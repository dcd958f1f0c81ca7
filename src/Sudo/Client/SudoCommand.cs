using System;
using LocalService.CommandLine;

namespace LocalService.Sudo;

/// <summary>Specification "sudo", section 1.</summary>
internal readonly struct SudoCommand : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-sudo"u8;
    public static int ManualSection => 1;
    public static ReadOnlySpan<byte> Summary => "have a server run a program with the caller's standard input, output and error"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -q --quiet  lower the verbosity by one level; may be repeated
        | -Q --default-verbosity  report errors and warnings; the default
        | -v --verbose  raise the verbosity by one level; may be repeated
        -p --bind-path=bindpath  bind the client's end to this path first
        -l --local-name=localname  tell the client this local path instead of the real one
        -e --no-environment  send the server no environment
        -t --connect-timeout=timeoutconn  time limit in milliseconds until the program runs; 0, the default: no limit
        -T --run-timeout=timeoutrun  time limit in milliseconds for the program; 0, the default: no limit
        path  the socket of the server
        [ args... ]  arguments to append to the server's command line
        """u8;

    public static Outcome Run(Invocation invocation)
    {
        var reader = new OptionReader(invocation.Words, Declaration);
        SudoOptions options = SudoOptions.Read(ref reader);
        return reader.IsWrong ? new Diagnostics(Program).Usage(reader) : Exec.Into(options.ToCommand(), invocation.Environment);
    }
}
