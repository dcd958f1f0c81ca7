using System;
using LocalService.Cdb;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Rules;

/// <summary>
/// Rules in a database of tcprules. A record is <c>D</c> and NUL to keep a client out, else any number of <c>+NAME=VALUE</c>, each ended by NUL.
/// A client without a rule gets in, so a database that accessrules-cdb-from-fs has made, where no key would be found, is an error. Specification
/// "tcp", section 9.
/// </summary>
internal struct TcpRulesDatabase : IRuleSet
{
    private CdbFile file;
    private bool isForeign; // of accessrules-cdb-from-fs

    /// <summary>Decides by a database that is opened each time, so that a replaced one counts at once.</summary>
    /// <param name="path">The file, a C string.</param>
    /// <param name="keys">The keys of the client.</param>
    /// <param name="memory">Memory for reading.</param>
    /// <param name="allowance">Receives the additions of an allow.</param>
    internal static unsafe Decision Decide(CString path, TcpRulesKeys keys, Allocator memory, ref Allowance allowance)
    {
        allowance.Clear();
        Errno error = memory.Ensure(CdbFile.WindowSize);
        TcpRulesDatabase rules = default;
        error = error && Open(path, memory.Allocate(CdbFile.WindowSize), out rules);
        if (error.Failed)
            return new Decision(Verdict.Unopenable, error);
        Decision decision = RuleSearch.Search(ref keys, ref rules, ref allowance, out _);
        rules.Close();
        return decision;
    }

    /// <summary>Opens a database; parameters and errors are those of <see cref="CdbFile.Open"/>.</summary>
    internal static unsafe Errno Open(CString path, byte* window, out TcpRulesDatabase rules)
    {
        rules = default;
        Errno error = CdbFile.Open(path, window, out rules.file);
        rules.isForeign = !error.Failed && !CdbLookup.Find(ref rules.file, RuleChecksums.Key).Failed;
        return error;
    }

    internal readonly void Close() => file.Close();

    public Result<bool> HasKind(ReadOnlySpan<byte> kind) => false;

    public Decision Look(ReadOnlySpan<byte> key, ref Allowance allowance)
    {
        if (isForeign)
            return new Decision(CdbSource.Damaged);
        Result<CdbRecord> found = CdbLookup.Find(ref file, key);
        if (found.Error.Is(libc.ENOENT))
            return new Decision(Verdict.NoRule);
        if (found.Failed)
            return new Decision(found.Error);
        if (found.Value.DataLength > RuleRecord.LargestSize)
            return new Decision(CdbSource.Damaged);
        Errno error = file.View(found.Value.DataOffset, (int)found.Value.DataLength, out ReadOnlySpan<byte> data);
        return error.Failed ? new Decision(error) : Judge(data, ref allowance);
    }

    /// <summary>The decision in the data of a record. Invalid data keep every client out.</summary>
    internal static Decision Judge(ReadOnlySpan<byte> data, ref Allowance allowance)
    {
        if (!data.IsEmpty && data[0] == (byte)'D')
            return new Decision(Verdict.Deny);
        while (!data.IsEmpty)
        {
            ReadOnlySpan<byte> edit = Bytes.UntilNul(data);
            if (edit.Length < 2 || edit.Length == data.Length || edit[0] != (byte)'+' || edit[1..].IndexOf((byte)'=') <= 0)
                return new Decision(CdbSource.Damaged);
            Errno error = allowance.AddEdit(edit[1..]);
            if (error.Failed)
                return new Decision(error);
            data = data[(edit.Length + 1)..];
        }
        return new Decision(Verdict.Allow);
    }
}
