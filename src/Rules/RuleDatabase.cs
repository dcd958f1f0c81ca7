using System;
using LocalService.Cdb;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Rules;

/// <summary>
/// Rules in a cdb file. Specification "access", section 4. A database that contradicts itself where a rule is looked up is an error, and so
/// is a rule that doesn't match its checksum, where the compiler has added one: <see cref="RuleChecksums"/>.
/// </summary>
internal struct RuleDatabase : IRuleSet
{
    private CdbFile file;
    private RuleChecksums checksums;
    private bool hasLookedForChecksums;

    /// <summary>Opens a database; parameters and errors are those of <see cref="CdbFile.Open"/>.</summary>
    internal static unsafe Errno Open(CString path, byte* window, out RuleDatabase rules)
    {
        rules = default;
        return CdbFile.Open(path, window, out rules.file);
    }

    public Decision Look(ReadOnlySpan<byte> key, ref Allowance allowance)
    {
        Result<CdbRecord> found = CdbLookup.Find(ref file, key);
        if (found.Error.Is(libc.ENOENT))
            return new Decision(Verdict.NoRule);
        if (found.Failed)
            return new Decision(found.Error);
        if (found.Value.DataLength > RuleRecord.LargestSize)
            return new Decision(CdbSource.Damaged);
        Errno error = Verify(found.Value);
        if (error.Failed)
            return new Decision(error);
        error = file.View(found.Value.DataOffset, (int)found.Value.DataLength, out ReadOnlySpan<byte> data);
        return error.Failed ? new Decision(error) : Judge(data, ref allowance);
    }

    public Result<bool> HasKind(ReadOnlySpan<byte> kind)
    {
        Result<CdbRecord> found = CdbLookup.Find(ref file, RuleMark.KeyOf(kind));
        if (found.Error.Is(libc.ENOENT))
            return false;
        Errno error = found.Failed ? found.Error : Verify(found.Value);
        return error.Failed ? error : true;
    }

    /// <summary>The decision in the data of a record. Data of an unknown type are an error: a wrong byte may hide a denial.</summary>
    internal static Decision Judge(ReadOnlySpan<byte> data, ref Allowance allowance)
    {
        if (data.IsEmpty)
            return new Decision(CdbSource.Damaged);
        if (data[0] == RuleRecord.Deny)
            return new Decision(Verdict.Deny);
        if (data[0] != RuleRecord.Allow || !RuleRecord.TryParse(data[1..], out RuleRecord record))
            return new Decision(CdbSource.Damaged);
        Errno error = allowance.Set(record.Edits, record.Script);
        return error.Failed ? new Decision(error) : new Decision(Verdict.Allow);
    }

    internal readonly void Close() => file.Close();

    private Errno Verify(CdbRecord record)
    {
        if (!hasLookedForChecksums)
        {
            Result<RuleChecksums> found = RuleChecksums.Of(ref file);
            if (found.Failed)
                return found.Error;
            checksums = found.Value;
            hasLookedForChecksums = true;
        }
        return checksums.Verify(ref file, record);
    }
}
