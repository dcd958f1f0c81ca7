using System;
using LocalService.CommandLine;

namespace LocalService.Access;

internal readonly struct IpcServerAccess : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-ipcserver-access"u8;
    public static ReadOnlySpan<byte> Usage => "[ -v verbosity ] [ -e | -E ] [ -l localname ] [ -i rulesdir | -x rulesfile ] prog..."u8;
    public static ReadOnlySpan<byte> Summary => "let a client in or not by its uid and gid, then execute a program"u8;

    public static Outcome Run(Invocation invocation) => new Diagnostics(Program).Usage(Usage);
}
