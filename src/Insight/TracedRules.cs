using System;
using LocalService.Cdb;
using LocalService.Errors;
using LocalService.Memory;
using LocalService.Rules;

namespace LocalService.Insight;

/// <summary>
/// Rules that record every look-up: a gate's own search (<see cref="RuleSearch.Search"/>) goes through the keys, and this type writes them
/// down. The gates don't depend on it.
/// </summary>
/// <remarks>One record for each key: verdict, file, error number, the length of the key in two bytes, the key.</remarks>
internal unsafe struct TracedRules : IRuleSet
{
    private const int HeadSize = 5;

    private RuleDirectory directory;
    private RuleDatabase database;
    private TcpRulesDatabase tcpRules;
    private ByteBuffer looks;
    private bool isDatabase;
    private bool isTcpRules;
    private Errno lack;

    /// <summary>The look-ups, in order.</summary>
    internal readonly Looks Looked => new(looks.Content);

    /// <summary>ENOMEM if there was not enough memory for all records.</summary>
    internal readonly Errno Lack => lack;

    /// <summary>Opens rules. ENOENT for a missing directory.</summary>
    /// <param name="source">The rules.</param>
    /// <param name="isOfTcpRules">Whether they are a database of tcprules.</param>
    internal Errno Open(RuleSource source, bool isOfTcpRules)
    {
        isDatabase = source.IsDatabase;
        isTcpRules = isOfTcpRules;
        if (!isDatabase)
            return RuleDirectory.Open(source.Path, out directory);
        byte* window = Arena.Allocate(CdbFile.WindowSize);
        return isTcpRules ? TcpRulesDatabase.Open(source.Path, window, out tcpRules) : RuleDatabase.Open(source.Path, window, out database);
    }

    internal void Close()
    {
        if (isTcpRules)
            tcpRules.Close();
        else if (isDatabase)
            database.Close();
        else
            directory.Close();
        looks.Free();
    }

    public Decision Look(ReadOnlySpan<byte> key, ref Allowance allowance)
    {
        RuleFile culprit = RuleFile.Allow;
        Decision decision = isTcpRules
            ? tcpRules.Look(key, ref allowance)
            : isDatabase ? database.Look(key, ref allowance) : directory.Look(key, ref allowance, out culprit);
        Keep(key, decision, culprit);
        return decision;
    }

    public Result<bool> HasKind(ReadOnlySpan<byte> kind)
    {
        Result<bool> hasKind = isDatabase ? database.HasKind(kind) : directory.HasKind(kind);
        Keep(kind, new Decision(hasKind.Failed ? Verdict.Unreadable : Verdict.NoRule, hasKind.Error), RuleFile.Allow);
        return hasKind;
    }

    private void Keep(ReadOnlySpan<byte> key, Decision decision, RuleFile culprit)
    {
        Errno error = looks.Add(
            stackalloc byte[] { (byte)decision.Verdict, (byte)culprit, (byte)decision.Error.Number, (byte)(key.Length >> 8), (byte)key.Length });
        error = error && looks.Add(key);
        lack = error.Failed ? error : lack;
    }

    /// <summary>Goes through the look-ups.</summary>
    internal ref struct Looks(ReadOnlySpan<byte> records)
    {
        private ReadOnlySpan<byte> rest = records;

        internal ReadOnlySpan<byte> Key { get; private set; }

        /// <summary>Whether the key is only a kind, looked up to see whether there are rules of it.</summary>
        internal readonly bool IsKind => Key.SequenceEqual(PeerKeys.GroupKind) || Key.SequenceEqual(PeerKeys.LabelKind);

        internal Verdict Verdict { get; private set; }

        /// <summary>Why the rule can't be read.</summary>
        internal Errno Error { get; private set; }

        /// <summary>The file of the rule that an error is about.</summary>
        internal RuleFile Culprit { get; private set; }

        internal bool MoveNext()
        {
            if (rest.Length < HeadSize)
                return false;
            Verdict = (Verdict)rest[0];
            Culprit = (RuleFile)rest[1];
            Error = new Errno(rest[2]);
            int length = rest[3] << 8 | rest[4];
            Key = rest.Slice(HeadSize, length);
            rest = rest[(HeadSize + length)..];
            return true;
        }
    }
}
