using System;
using LocalService.Cdb;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;
using LocalService.Rules;

namespace LocalService.Access;

/// <summary>
/// Reads a rules directory and writes its rules into a database, with checksums, and with a mark if there are rules of groups or labels. The
/// rules are sorted by key, so that equal directories give equal files. If the directory is replaced meanwhile, that is an error (EBUSY): the
/// rules would be a mixture. After a method has written a message, it returns an outcome with an exit code other than 0. Specification "access",
/// section 5.
/// </summary>
/// <param name="diagnostics">The messages of the compiler.</param>
/// <param name="path">The rules directory, as shown in messages.</param>
/// <param name="file">The file to write, open and empty.</param>
/// <param name="translatesNames">Whether rules of users and groups by name become rules by number.</param>
internal unsafe ref struct RuleCompiler(Diagnostics diagnostics, CString path, int file, bool translatesNames)
{
    private readonly Diagnostics diagnostics = diagnostics;
    private CdbWriter database = new(file);
    private Allowance allowance;
    private ByteBuffer record;
    private NamedKeys namedKeys;

    /// <summary>Compiles everything.</summary>
    internal Outcome Run()
    {
        using var directory = Descriptor.Open(LibC.AT_FDCWD, path, LibC.O_RDONLY | LibC.O_DIRECTORY);
        if (directory.Number < 0)
            return diagnostics.Fatal(Errno.Last, "unable to opendir "u8, Bytes.OfC(path));
        Errno error = database.Start();
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to cdbmake_start"u8);
        var kinds = new DirectoryNames();
        error = kinds.Read(directory.Number);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to readdir "u8, Bytes.OfC(path));
        for (int i = 0; i < kinds.Count; i++)
        {
            Outcome outcome = CompileKind(directory.Number, kinds[i]);
            if (outcome.Code != ExitCode.Success)
                return outcome;
        }
        kinds.Free();
        error = RuleDirectory.FindOutWhetherStill(directory.Number, LibC.AT_FDCWD, path);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to readdir "u8, Bytes.OfC(path));
        error = RuleChecksums.Add(ref database, ref record);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to cdbmake_add"u8);
        error = database.Finish();
        return error.Failed ? diagnostics.Fatal(error, "unable to cdb_make_finish"u8) : Outcome.Exit(ExitCode.Success);
    }

    internal void Free()
    {
        database.Free();
        allowance.Free();
        record.Free();
    }

    /// <summary>Compiles the rules of a kind, such as <c>uid</c>.</summary>
    private Outcome CompileKind(int parent, CString kind)
    {
        using var directory = Descriptor.Open(parent, kind, LibC.O_RDONLY | LibC.O_DIRECTORY);
        if (directory.Number < 0)
            return diagnostics.Fatal(Errno.Last, "unable to opendir "u8, Show(kind));
        var names = new DirectoryNames();
        Errno error = names.Read(directory.Number);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to readdir "u8, Show(kind));
        ReadOnlySpan<byte> mark = RuleMark.KeyOf(Bytes.OfC(kind));
        error = mark.IsEmpty ? default : database.Add(mark, RuleMark.Data);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to cdbmake_add"u8);
        for (int i = 0; i < names.Count; i++)
        {
            Outcome outcome = CompileRule(parent, directory.Number, kind, names[i]);
            if (outcome.Code != ExitCode.Success)
                return outcome;
        }
        names.Free();
        error = RuleDirectory.FindOutWhetherStill(directory.Number, parent, kind);
        return error.Failed ? diagnostics.Fatal(error, "unable to readdir "u8, Show(kind)) : Outcome.Exit(ExitCode.Success);
    }

    /// <summary>Compiles a rule.</summary>
    /// <param name="rules">The directory of all rules.</param>
    /// <param name="parent">The directory of its kind.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="name">Its name.</param>
    private Outcome CompileRule(int rules, int parent, CString kind, CString name)
    {
        CString path = Arena.CString(Bytes.OfC(kind), "/"u8, Bytes.OfC(name));
        CString key = path;
        Errno error = translatesNames ? namedKeys.Translate(rules, Bytes.OfC(kind), Bytes.OfC(name), out key) : default;
        if (error.Failed)
            return RefuseName(path, key, error);
        allowance.Clear();
        Decision decision = RuleDirectory.Read(parent, name, libc.F_OK, ref allowance, out RuleFile culprit);
        record.Clear();
        switch (decision.Verdict)
        {
            case Verdict.Unreadable:
                return Refuse(path, culprit, decision.Error);
            case Verdict.Allow when allowance.Edits.Length > RuleRecord.LargestEdits:
                return Refuse(path, RuleFile.Environment, new Errno(libc.EFBIG));
            case Verdict.Allow:
                return AddRecord(key, RuleRecord.WriteAllow(ref record, allowance.Edits, allowance.Script));
            case Verdict.Deny:
                return AddRecord(key, record.Add(RuleRecord.Deny));
            default:
                return Outcome.Exit(ExitCode.Success);
        }
    }

    private Outcome AddRecord(CString key, Errno error)
    {
        error = error && database.Add(Bytes.OfC(key), record.Content);
        return error.Failed ? diagnostics.Fatal(error, "unable to cdbmake_add"u8) : Outcome.Exit(ExitCode.Success);
    }

    private readonly Outcome RefuseName(CString rule, CString key, Errno error)
    {
        if (error.Is(libc.ESRCH))
            return diagnostics.Fatal(ExitCode.System, "unknown name: "u8, Show(rule));
        return error.Is(libc.EEXIST)
            ? diagnostics.Fatal(ExitCode.System, Show(rule), " is another rule for "u8, Bytes.OfC(key))
            : diagnostics.Fatal(error, "unable to look up "u8, Show(rule));
    }

    private readonly Outcome Refuse(CString rule, RuleFile culprit, Errno error)
    {
        ReadOnlySpan<byte> shown = Bytes.OfC(Arena.CString(Show(rule), "/"u8, NameOf(culprit)));
        if (error.Is(libc.EFBIG))
            return diagnostics.Fatal(ExitCode.Usage, shown, " too big"u8);
        return culprit switch
        {
            RuleFile.Environment => diagnostics.Fatal(error, "unable to envdir "u8, shown),
            RuleFile.Script => diagnostics.Fatal(error, "unable to openreadnclose "u8, shown),
            _ => diagnostics.Fatal(error, "unable to access "u8, shown),
        };
    }

    private static ReadOnlySpan<byte> NameOf(RuleFile file) => file switch
    {
        RuleFile.Allow => "allow"u8,
        RuleFile.Deny => "deny"u8,
        RuleFile.Environment => "env"u8,
        _ => "exec"u8,
    };

    private readonly ReadOnlySpan<byte> Show(CString name) => Bytes.OfC(Arena.CString(Bytes.OfC(path), "/"u8, Bytes.OfC(name)));
}
