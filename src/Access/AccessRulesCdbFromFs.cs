using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Access;

/// <summary>
/// The rules compiler. It writes the file under a temporary name and renames it, so that the old file stays valid until the new one is complete.
/// Specification "access", section 5.
/// </summary>
internal readonly struct AccessRulesCdbFromFs : IRole
{
    private const uint DefaultMode = 0x180; // 0600
    private const uint AllModeBits = 0xFFF; // 07777

    public static ReadOnlySpan<byte> Program => "s6-accessrules-cdb-from-fs"u8;
    public static int ManualSection => 8;
    public static ReadOnlySpan<byte> Summary => "compile a directory of access rules into a cdb file"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -m --mode=mode  the permissions of the file, octal; 0600 less the umask by default
        -n --names  convert user/NAME and group/NAME to their current ids in /etc/passwd and /etc/group; unknown names are refused
        cdbfile  the file to write
        dir  the directory of the rules
        """u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        uint? mode = null;
        bool translatesNames = false;
        var options = new OptionReader(invocation.Words, Declaration);
        while (options.Next(out char option))
        {
            switch (option)
            {
                case 'm': mode = options.OctalNumber() & AllModeBits; break;
                case 'n': translatesNames = true; break;
            }
        }
        CString target = options.OperandPointer();
        CString rules = options.OperandPointer();
        if (options.IsWrong)
            return diagnostics.Usage(options);
        CString temporary = TemporaryName.Beside(Bytes.OfC(target), Program);
        Result<int> created = TemporaryName.Create(temporary, DefaultMode);
        if (created.Failed)
            return diagnostics.Fatal(created.Error, "unable to mkstemp "u8, Bytes.OfC(temporary));
        using var file = new Descriptor(created.Value);
        var compiler = new RuleCompiler(diagnostics, rules, file.Number, translatesNames);
        Outcome outcome = Write(diagnostics, ref compiler, mode, file.Number, temporary, target);
        if (outcome.Code != ExitCode.Success)
            _ = DirectoryEntry.Remove(LibC.AT_FDCWD, temporary);
        return outcome;
    }

    private static Outcome Write(
        Diagnostics diagnostics, ref RuleCompiler compiler, uint? mode, int file, CString temporary, CString target)
    {
        Outcome outcome = compiler.Run();
        compiler.Free();
        if (outcome.Code != ExitCode.Success)
            return outcome;
        if (mode.HasValue && libc.fchmod(file, mode.GetValueOrDefault()) < 0)
            return diagnostics.Fatal(Errno.Last, "unable to chmod "u8, Bytes.OfC(temporary));
        if (libc.fsync(file) < 0)
            return diagnostics.Fatal(Errno.Last, "unable to fd_sync"u8);
        Errno error = DirectoryEntry.Rename(LibC.AT_FDCWD, temporary, LibC.AT_FDCWD, target);
        if (error.Failed)
        {
            ReadOnlySpan<byte> shown = Bytes.OfC(temporary);
            return diagnostics.Fatal(error, "unable to rename "u8, shown, " to "u8, Bytes.OfC(target));
        }
        return Outcome.Exit(ExitCode.Success);
    }
}
