using System;
using LocalService.Cdb;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Rules;

/// <summary>
/// Decides whether a client is let in, by its ids. A decision writes no message and leaves no file open; the additions of an allow go into memory
/// that the caller keeps for the next decision. So it serves a program that asks once as well as one that asks forever.
/// </summary>
internal static class RuleSearch
{
    private const int MostRepetitions = 3;

    /// <summary>Decides by rules that are read each time, so that an update of them counts at once.</summary>
    /// <param name="source">Where the rules are.</param>
    /// <param name="keys">The keys of the client.</param>
    /// <param name="memory">Memory for reading a database.</param>
    /// <param name="allowance">Receives the additions of an allow; meaningless otherwise.</param>
    internal static unsafe Decision Decide<TKeys>(RuleSource source, TKeys keys, Allocator memory, ref Allowance allowance)
        where TKeys : struct, IRuleKeys
    {
        allowance.Clear();
        if (source.IsNone)
            return new Decision(Verdict.Allow);
        return source.IsDatabase
            ? DecideByDatabase(source.Path, ref keys, memory, ref allowance)
            : DecideByDirectory(source.Path, keys, ref allowance);
    }

    /// <summary>Decides by a database that the caller keeps open.</summary>
    internal static Decision Decide(ref RuleDatabase rules, PeerKeys keys, ref Allowance allowance)
    {
        allowance.Clear();
        return Search(ref keys, ref rules, ref allowance, out _);
    }

    /// <summary>
    /// Looks up the keys until one of them has a rule. Among keys of the same rank an allow waits for the others, one of which may deny.
    /// </summary>
    /// <param name="keys">The keys.</param>
    /// <param name="rules">The rules.</param>
    /// <param name="allowance">Receives the additions of an allow; meaningless otherwise.</param>
    /// <param name="looked">How many keys were looked up without ending the search.</param>
    internal static Decision Search<TKeys, TRules>(ref TKeys keys, ref TRules rules, ref Allowance allowance, out int looked)
        where TKeys : struct, IRuleKeys
        where TRules : struct, IRuleSet
    {
        Span<byte> buffer = stackalloc byte[TKeys.LongestKey];
        var found = new Decision(Verdict.NoRule);
        var others = new Allowance(); // of the same rank: not used
        for (looked = 0; keys.Next(buffer, out ReadOnlySpan<byte> key); looked++)
        {
            Decision decision;
            if (TKeys.HaveKinds && key[^1] == (byte)'/')
            {
                if (found.Verdict == Verdict.Allow)
                    break;
                Result<bool> hasRules = rules.HasKind(key[..^1]);
                decision = hasRules.Failed ? new Decision(hasRules.Error) : keys.Enter(hasRules.Value);
            }
            else
            {
                decision = rules.Look(key, ref found.Verdict == Verdict.Allow ? ref others : ref allowance);
            }
            if (decision.Verdict == Verdict.NoRule)
                continue;
            bool isAnother = found.Verdict == Verdict.Allow && decision.Verdict == Verdict.Allow;
            if (!isAnother)
                found = decision.OfKey(looked);
            if (!TKeys.HaveKinds || !keys.IsAmongEquals || decision.Verdict != Verdict.Allow)
                break;
        }
        if (TKeys.HaveKinds)
            others.Free();
        return found;
    }

    /// <summary>The key that has decided. The keys are generated once more for this.</summary>
    /// <param name="decision">A decision by the rule of a key.</param>
    /// <param name="keys">The keys, from the first one.</param>
    /// <param name="buffer">Memory for the key.</param>
    internal static ReadOnlySpan<byte> DecidingKey<TKeys>(Decision decision, TKeys keys, Span<byte> buffer) where TKeys : struct, IRuleKeys
    {
        ReadOnlySpan<byte> key = default;
        for (int i = 0; i <= decision.KeyIndex; i++)
            _ = keys.Next(buffer, out key);
        return key;
    }

    /// <summary>
    /// Decides by one state of a directory. When the rules were replaced while they were read, it decides again; when that keeps happening, the
    /// client isn't let in: EBUSY.
    /// </summary>
    internal static unsafe Decision DecideByDirectory<TKeys>(CString path, TKeys keys, ref Allowance allowance) where TKeys : struct, IRuleKeys
    {
        Decision decision = DecideOnce(path, keys, ref allowance);
        for (int repetition = 0; repetition < MostRepetitions && decision.Error.Is(libc.EBUSY); repetition++)
            decision = DecideOnce(path, keys, ref allowance);
        return decision;
    }

    private static unsafe Decision DecideOnce<TKeys>(CString path, TKeys keys, ref Allowance allowance) where TKeys : struct, IRuleKeys
    {
        allowance.Clear();
        Errno error = RuleDirectory.Open(path, out RuleDirectory rules);
        if (error.Failed)
            return error.Is(libc.ENOENT) ? new Decision(Verdict.RulesMissing) : new Decision(error);
        TKeys asked = keys;
        Decision decision = Search(ref asked, ref rules, ref allowance, out int looked);
        decision = rules.Confirm(decision, keys, looked, ref allowance);
        rules.Close();
        return decision;
    }

    private static unsafe Decision DecideByDatabase<TKeys>(CString path, ref TKeys keys, Allocator memory, ref Allowance allowance)
        where TKeys : struct, IRuleKeys
    {
        Errno error = memory.Ensure(CdbFile.WindowSize);
        if (error.Failed)
            return new Decision(Verdict.Unopenable, error);
        error = RuleDatabase.Open(path, memory.Allocate(CdbFile.WindowSize), out RuleDatabase rules);
        if (error.Failed)
            return new Decision(Verdict.Unopenable, error);
        Decision decision = Search(ref keys, ref rules, ref allowance, out _);
        rules.Close();
        return decision;
    }
}
