using System;
using LocalService.CommandLine;

namespace LocalService.Server;

internal readonly struct IpcServer : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-ipcserver"u8;
    public static ReadOnlySpan<byte> Usage => "[ -q | -Q | -v ] [ -d | -D ] [ -P | -p ] [ -1 ] [ -c maxconn ] [ -C localmaxconn ] [ -b backlog ] [ -a socketperms ] [ -G gid,gid,... ] [ -g gid ] [ -u uid ] [ -U ] path prog..."u8;
    public static ReadOnlySpan<byte> Summary => "serve a Unix domain socket: bind, drop privileges, run a program for each connection"u8;

    public static Outcome Run(Invocation invocation) => new Diagnostics(Program).Usage(Usage);
}
