using System;
using LocalService.CommandLine;

namespace LocalService.Access;

internal readonly struct AccessRulesFsFromCdb : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-accessrules-fs-from-cdb"u8;
    public static ReadOnlySpan<byte> Usage => "dir cdbfile"u8;
    public static ReadOnlySpan<byte> Summary => "write the access rules of a cdb file into a new directory"u8;

    public static Outcome Run(Invocation invocation) => new Diagnostics(Program).Usage(Usage);
}
