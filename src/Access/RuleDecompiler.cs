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
/// Writes the rules of a database into a new directory. After a method has written a message, it returns an outcome with an exit code other
/// than 0. Specification "access", section 6, with decision 6.
/// </summary>
/// <param name="diagnostics">The messages of the decompiler.</param>
/// <param name="target">The directory to make.</param>
/// <param name="source">The database, as shown in messages.</param>
/// <param name="program">The name of the program, a part of the temporary name.</param>
internal readonly unsafe ref struct RuleDecompiler(
    Diagnostics diagnostics, ReadOnlySpan<byte> target, ReadOnlySpan<byte> source, ReadOnlySpan<byte> program)
{
    private readonly Diagnostics diagnostics = diagnostics;
    private readonly ReadOnlySpan<byte> target = target;
    private readonly ReadOnlySpan<byte> source = source;
    private readonly ReadOnlySpan<byte> program = program;

    internal Outcome Run(ref CdbFile database)
    {
        Errno error = CheckTarget();
        if (error.Failed)
            return CannotMakeTarget(error);
        Outcome outcome = Verify(ref database);
        if (outcome.Code == ExitCode.Success)
            outcome = WriteRules(ref database, null);
        if (outcome.Code != ExitCode.Success)
            return outcome;
        uint umask = libc.umask(0);
        outcome = Make(ref database, umask);
        _ = libc.umask(umask);
        return outcome;
    }

    /// <summary>Creates the directory under a temporary name and renames it once it is complete.</summary>
    private Outcome Make(ref CdbFile database, uint umask)
    {
        CString temporary = TemporaryName.Beside(WithoutFinalSlashes(target), program);
        Errno error = CreateTemporary(temporary);
        if (error.Failed)
            return CannotMakeTarget(error);
        Outcome outcome = Fill(ref database, umask, temporary);
        if (outcome.Code == ExitCode.Success)
        {
            error = DirectoryEntry.RenameToNew(temporary, Arena.CString(WithoutFinalSlashes(target)));
            if (!error.Failed)
                return outcome;
            outcome = CannotMakeTarget(error);
        }
        error = DirectoryTree.Remove(LibC.AT_FDCWD, temporary);
        if (error.Failed)
            diagnostics.Warning(error, "unable to remove "u8, Bytes.OfC(temporary));
        return outcome;
    }

    private Outcome Fill(ref CdbFile database, uint umask, CString temporary)
    {
        using var root = Descriptor.Open(LibC.AT_FDCWD, temporary, LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_NOFOLLOW);
        if (root.Number < 0)
            return CannotMakeTarget(Errno.Last);
        var writer = new RuleWriter(root.Number, umask);
        return WriteRules(ref database, &writer);
    }

    /// <summary>Goes through all rules and writes them. Without a writer it only checks them.</summary>
    private Outcome WriteRules(ref CdbFile database, RuleWriter* writer)
    {
        Result<CdbWalk> start = CdbWalk.Of(ref database);
        if (start.Failed)
            return CannotWalk(start.Error);
        CdbWalk walk = start.Value;
        while (walk.HasNext)
        {
            Result<CdbRecord> record = walk.Next(ref database);
            if (record.Failed)
                return CannotWalk(record.Error);
            Result<bool> isHidden = IsHidden(ref database, record.Value, out ReadOnlySpan<byte> marked);
            if (isHidden.Failed)
                return CannotWalk(isHidden.Error);
            if (isHidden.Value)
            {
                Errno unmade = marked.IsEmpty || writer == null ? default : writer->WriteKind(marked);
                if (unmade.Failed)
                    return diagnostics.Fatal(unmade, "unable to mkdir "u8, target, "/"u8, marked);
                continue;
            }
            if (!StoredRule.Read(ref database, record.Value, out StoredRule rule, out Errno error))
            {
                return error.Failed
                    ? CannotWalk(error)
                    : diagnostics.Fatal(ExitCode.System, "unable to handle cdb record: "u8, source, " does not contain valid accessrules data"u8);
            }
            if (writer == null)
                continue;
            RuleWriteError failure = writer->Write(rule);
            if (failure.Failed)
                return diagnostics.Fatal(failure.Error, failure.Action, target, "/"u8, failure.File);
        }
        return Outcome.Exit(ExitCode.Success);
    }

    /// <summary>Checks that all tables are in their places, and compares the records with their checksums, if there are any.</summary>
    private Outcome Verify(ref CdbFile database)
    {
        for (int table = 0; table < CdbFormat.Tables; table++)
        {
            Errno misplaced = CdbTable.Of(ref database, table).Error;
            if (misplaced.Failed)
                return CannotWalk(misplaced);
        }
        Result<RuleChecksums> checksums = RuleChecksums.Of(ref database);
        Errno error = checksums.Failed ? checksums.Error : checksums.Value.VerifyAll(ref database);
        return error.Failed ? CannotWalk(error) : Outcome.Exit(ExitCode.Success);
    }

    /// <summary>Whether a record belongs to the compiler and isn't a rule.</summary>
    /// <param name="database">The database.</param>
    /// <param name="record">The record.</param>
    /// <param name="marked">If the record is a mark, the kind it marks, which needs a directory; valid until the database is used again.</param>
    private static Result<bool> IsHidden(ref CdbFile database, CdbRecord record, out ReadOnlySpan<byte> marked)
    {
        marked = default;
        // All these keys have the same length.
        if (record.KeyLength != (uint)RuleChecksums.Key.Length)
            return false;
        Errno error = database.View(record.KeyOffset, RuleChecksums.Key.Length, out ReadOnlySpan<byte> key);
        if (error.Failed)
            return error;
        marked = RuleMark.KindOf(key);
        return !marked.IsEmpty || key.SequenceEqual(RuleChecksums.Key);
    }

    /// <summary>Checks that the target doesn't exist.</summary>
    private Errno CheckTarget()
    {
        if (target.IsEmpty)
            return new Errno(libc.ENOENT);
        Errno error = FileStatus.OfLink(Arena.CString(target)).Error;
        return error.Failed ? default : new Errno(libc.EEXIST);
    }

    private static Errno CreateTemporary(CString name)
    {
        for (int attempt = 1; ; attempt++)
        {
            TemporaryName.Choose(name);
            Errno error = RuleWriter.CreateDirectory(LibC.AT_FDCWD, name);
            if (!error.Is(libc.EEXIST) || attempt == TemporaryName.Attempts)
                return error;
        }
    }

    private static ReadOnlySpan<byte> WithoutFinalSlashes(ReadOnlySpan<byte> path)
    {
        while (path.Length > 1 && path[^1] == (byte)'/')
            path = path[..^1];
        return path;
    }

    private Outcome CannotWalk(Errno error) =>
        error.Is(CdbSource.Damaged.Number)
            ? diagnostics.Fatal(ExitCode.System, "unable to cdb_traverse_next: invalid cdb"u8)
            : diagnostics.Fatal(error, "unable to cdb_traverse_next"u8);

    private Outcome CannotMakeTarget(Errno error) => diagnostics.Fatal(error, "unable to mkdir "u8, target);
}
