using System;
using LocalService.CommandLine;

namespace LocalService.Sudo;

/// <summary>Specification "sudo", section 1.</summary>
internal readonly struct SudoCommand : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-sudo"u8;
    public static ReadOnlySpan<byte> Usage =>
        "[ -q | -Q | -v ] [ -p bindpath ] [ -l localname ] [ -e ] [ -t timeoutconn ] [ -T timeoutrun ] path [ args... ]"u8;
    public static ReadOnlySpan<byte> Summary => "have a server run a program, with one's own standard input, output and error"u8;

    public static Outcome Run(Invocation invocation)
    {
        if (!SudoOptions.TryParse(invocation.Words, out SudoOptions options))
            return new Diagnostics(Program).Usage(Usage);
        return Exec.Into(options.ToCommand(), invocation.Environment);
    }
}
