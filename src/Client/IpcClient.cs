using System;
using LocalService.CommandLine;

namespace LocalService.Client;

internal readonly struct IpcClient : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-ipcclient"u8;
    public static ReadOnlySpan<byte> Usage => "[ -q | -Q | -v ] [ -p bindpath ] [ -l localname ] path prog..."u8;
    public static ReadOnlySpan<byte> Summary => "connect to a Unix domain socket, then execute a program with it as descriptors 6 and 7"u8;

    public static Outcome Run(Invocation invocation) => new Diagnostics(Program).Usage(Usage);
}
