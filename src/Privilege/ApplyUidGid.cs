using System;
using LocalService.CommandLine;
using LocalService.Posix;

namespace LocalService.Privilege;

internal readonly struct ApplyUidGid : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-applyuidgid"u8;
    public static ReadOnlySpan<byte> Usage => "[ -z ] [ -u uid ] [ -g gid ] [ -G gidlist ] [ -U ] prog..."u8;
    public static ReadOnlySpan<byte> Summary => "take the given ids, then execute a program"u8;

    public static Outcome Run(Invocation invocation)
    {
        return Exec.Into(invocation.Words.From(1), invocation.Environment);
    }
}
