using System;
using LocalService.Cdb;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Rules;

/// <summary>
/// Whether a client is let in, by its ids. A decision writes no message and leaves nothing open; what an allow brings with it goes into
/// memory that the caller keeps for the next decision. So it serves a program that asks once as well as one that asks for ever.
/// </summary>
internal static class RuleSearch
{
    /// <summary>Decides by rules that are read anew, so that an update of them counts at once.</summary>
    /// <param name="source">Where the rules are.</param>
    /// <param name="client">The client's ids.</param>
    /// <param name="self">The effective ids that <c>uid/self</c> and <c>gid/self</c> mean.</param>
    /// <param name="allowance">Gets what an allow brings with it; of no meaning otherwise.</param>
    internal static unsafe Decision Decide(RuleSource source, PeerCredentials client, PeerCredentials self, ref Allowance allowance)
    {
        allowance.Clear();
        if (source.IsNone)
            return new Decision(Verdict.Allow);
        var keys = new PeerKeys(client, self);
        return source.IsDatabase
            ? DecideByDatabase(source.Path, ref keys, ref allowance)
            : DecideByDirectory(source.Path, ref keys, ref allowance);
    }

    /// <summary>Decides by a database that the caller keeps open.</summary>
    internal static Decision Decide(ref RuleDatabase rules, PeerCredentials client, PeerCredentials self, ref Allowance allowance)
    {
        allowance.Clear();
        var keys = new PeerKeys(client, self);
        return Search(ref keys, ref rules, ref allowance);
    }

    /// <summary>Looks up the keys until one of them has a rule.</summary>
    internal static Decision Search<TKeys, TRules>(ref TKeys keys, ref TRules rules, ref Allowance allowance)
        where TKeys : struct, IRuleKeys
        where TRules : struct, IRuleSet
    {
        Span<byte> buffer = stackalloc byte[TKeys.LongestKey];
        while (keys.Next(buffer, out ReadOnlySpan<byte> key))
        {
            Decision decision = rules.Look(key, ref allowance);
            if (decision.Verdict != Verdict.NoRule)
                return decision;
        }
        return new Decision(Verdict.NoRule);
    }

    private static unsafe Decision DecideByDirectory(byte* path, ref PeerKeys keys, ref Allowance allowance)
    {
        Errno error = RuleDirectory.Open(path, out RuleDirectory rules);
        if (error.Failed)
            return error.Is(libc.ENOENT) ? new Decision(Verdict.RulesMissing) : new Decision(error);
        Decision decision = Search(ref keys, ref rules, ref allowance);
        rules.Close();
        return decision;
    }

    private static unsafe Decision DecideByDatabase(byte* path, ref PeerKeys keys, ref Allowance allowance)
    {
        byte* window = stackalloc byte[CdbFile.WindowSize];
        Errno error = RuleDatabase.Open(path, window, out RuleDatabase rules);
        if (error.Failed)
            return new Decision(Verdict.Unopenable, error);
        Decision decision = Search(ref keys, ref rules, ref allowance);
        rules.Close();
        return decision;
    }
}
