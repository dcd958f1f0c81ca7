using System;
using LocalService.Cdb;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;

namespace LocalService.Access;

/// <summary>
/// The rules decompiler. It checks every record before it creates the first file, and renames the directory once it is complete.
/// Specification "access", section 6.
/// </summary>
internal readonly unsafe struct AccessRulesFsFromCdb : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-accessrules-fs-from-cdb"u8;
    public static int ManualSection => 8;
    public static ReadOnlySpan<byte> Summary => "write the access rules of a cdb file into a new directory"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        dir  the directory to make
        cdbfile  the file of the rules
        """u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        var options = new OptionReader(invocation.Words, Declaration);
        ReadOnlySpan<byte> directory = options.Operand();
        CString file = options.OperandPointer();
        if (options.IsWrong)
            return diagnostics.Usage(options);
        Errno error = CdbFile.Open(file, Arena.Allocate(CdbFile.WindowSize), out CdbFile database);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to cdb_init"u8);
        Outcome outcome = new RuleDecompiler(diagnostics, directory, Bytes.OfC(file), Program).Run(ref database);
        database.Close();
        return outcome;
    }
}
