using System;
using LocalService.CommandLine;

namespace LocalService.Server;

internal readonly struct IpcServerSocketBinder : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-ipcserver-socketbinder"u8;
    public static ReadOnlySpan<byte> Usage => "[ -d | -D ] [ -b backlog ] [ -M | -m ] [ -a perms ] [ -B ] path prog..."u8;
    public static ReadOnlySpan<byte> Summary => "bind a Unix domain socket to a path, then execute a program with it as standard input"u8;

    public static Outcome Run(Invocation invocation) => new Diagnostics(Program).Usage(Usage);
}
