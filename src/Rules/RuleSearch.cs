using System;
using LocalService.Cdb;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Rules;

/// <summary>
/// Whether a client is let in, by its ids. A decision writes no message and leaves nothing open; what an allow brings with it goes into
/// memory that the caller keeps for the next decision. So it serves a program that asks once as well as one that asks for ever.
/// </summary>
internal static class RuleSearch
{
    private const int MostRepetitions = 3;

    /// <summary>Decides by rules that are read anew, so that an update of them counts at once.</summary>
    /// <param name="source">Where the rules are.</param>
    /// <param name="client">The client's ids.</param>
    /// <param name="self">The effective ids that <c>uid/self</c> and <c>gid/self</c> mean.</param>
    /// <param name="memory">What reading a database takes memory from.</param>
    /// <param name="allowance">Gets what an allow brings with it; of no meaning otherwise.</param>
    internal static unsafe Decision Decide(
        RuleSource source, PeerCredentials client, PeerCredentials self, Allocator memory, ref Allowance allowance)
    {
        return Decide(source, new PeerKeys(client, self), memory, ref allowance);
    }

    /// <summary>The same for a client that is known by other keys.</summary>
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
    internal static Decision Decide(ref RuleDatabase rules, PeerCredentials client, PeerCredentials self, ref Allowance allowance)
    {
        allowance.Clear();
        var keys = new PeerKeys(client, self);
        return Search(ref keys, ref rules, ref allowance, out _);
    }

    /// <summary>Looks up the keys until one of them has a rule.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="rules">The rules.</param>
    /// <param name="allowance">Gets what an allow brings with it; of no meaning otherwise.</param>
    /// <param name="missed">How many keys have no rule.</param>
    internal static Decision Search<TKeys, TRules>(ref TKeys keys, ref TRules rules, ref Allowance allowance, out int missed)
        where TKeys : struct, IRuleKeys
        where TRules : struct, IRuleSet
    {
        Span<byte> buffer = stackalloc byte[TKeys.LongestKey];
        missed = 0;
        while (keys.Next(buffer, out ReadOnlySpan<byte> key))
        {
            Decision decision = rules.Look(key, ref allowance);
            if (decision.Verdict != Verdict.NoRule)
                return decision.OfKey(missed);
            missed++;
        }
        return new Decision(Verdict.NoRule);
    }

    /// <summary>The key that has decided, for those who want to know: the keys are made once more.</summary>
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
    /// Decides by a directory, on one state of it. When the rules were replaced while they were read, it decides again; when that happens again
    /// and again nobody is let in: EBUSY.
    /// </summary>
    internal static unsafe Decision DecideByDirectory<TKeys>(byte* path, TKeys keys, ref Allowance allowance) where TKeys : struct, IRuleKeys
    {
        Decision decision = DecideOnce(path, keys, ref allowance);
        for (int repetition = 0; repetition < MostRepetitions && decision.Error.Is(libc.EBUSY); repetition++)
            decision = DecideOnce(path, keys, ref allowance);
        return decision;
    }

    private static unsafe Decision DecideOnce<TKeys>(byte* path, TKeys keys, ref Allowance allowance) where TKeys : struct, IRuleKeys
    {
        allowance.Clear();
        Errno error = RuleDirectory.Open(path, out RuleDirectory rules);
        if (error.Failed)
            return error.Is(libc.ENOENT) ? new Decision(Verdict.RulesMissing) : new Decision(error);
        TKeys asked = keys;
        Decision decision = Search(ref asked, ref rules, ref allowance, out int missed);
        decision = rules.Confirm(decision, keys, missed);
        rules.Close();
        return decision;
    }

    private static unsafe Decision DecideByDatabase<TKeys>(byte* path, ref TKeys keys, Allocator memory, ref Allowance allowance)
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
