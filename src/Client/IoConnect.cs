using System;
using LocalService.CommandLine;

namespace LocalService.Client;

internal readonly struct IoConnect : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-ioconnect"u8;
    public static ReadOnlySpan<byte> Usage => "[ -t timeout ] [ -r fdr ] [ -w fdw ]"u8;
    public static ReadOnlySpan<byte> Summary => "copy standard input to a connection and the connection to standard output"u8;

    public static Outcome Run(Invocation invocation) => new Diagnostics(Program).Usage(Usage);
}
