using System;
using LocalService.CommandLine;

namespace LocalService.Access;

internal readonly struct AccessRulesCdbFromFs : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-accessrules-cdb-from-fs"u8;
    public static ReadOnlySpan<byte> Usage => "[ -m mode ] cdbfile dir"u8;
    public static ReadOnlySpan<byte> Summary => "compile a directory of access rules into a cdb file"u8;

    public static Outcome Run(Invocation invocation) => new Diagnostics(Program).Usage(Usage);
}
