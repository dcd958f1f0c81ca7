using System;
using LocalService.CommandLine;

namespace LocalService.Sudo;

/// <summary>Specification "sudo", section 1.</summary>
internal readonly struct SudoCommand : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-sudo"u8;
    public static int ManualSection => 1;
    public static ReadOnlySpan<byte> Summary => "have a server run a program, with one's own standard input, output and error"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -q --quiet  report less by one level, each time it is given
        | -Q --default-verbosity  report errors and warnings; the default
        | -v --verbose  report more by one level, each time it is given
        -p --bind-path=bindpath  bind the client's end to this path first
        -l --local-name=localname  what the client is told as its own path, instead of the path itself
        -e --no-environment  send the server no environment
        -t --connect-timeout=timeoutconn  how many milliseconds it may take until the program runs; 0, the default: no limit
        -T --run-timeout=timeoutrun  how many milliseconds the program may run; 0, the default: no limit
        path  the socket of the server
        [ args... ]  what is added to the server's command line
        """u8;

    public static Outcome Run(Invocation invocation)
    {
        var reader = new OptionReader(invocation.Words, Declaration);
        SudoOptions options = SudoOptions.Read(ref reader);
        return reader.IsWrong ? new Diagnostics(Program).Usage(reader) : Exec.Into(options.ToCommand(), invocation.Environment);
    }
}
