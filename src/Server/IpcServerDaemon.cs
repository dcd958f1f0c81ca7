using System;
using LocalService.CommandLine;

namespace LocalService.Server;

internal readonly struct IpcServerDaemon : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-ipcserverd"u8;
    public static ReadOnlySpan<byte> Usage => "[ -v verbosity ] [ -1 ] [ -P | -p ] [ -c maxconn ] [ -C localmaxconn ] prog..."u8;
    public static ReadOnlySpan<byte> Summary => "accept connections on standard input and run a program for each"u8;

    public static Outcome Run(Invocation invocation) => new Diagnostics(Program).Usage(Usage);
}
