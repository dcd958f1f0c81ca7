using System;
using LocalService.Errors;
using LocalService.Posix;

namespace LocalService.Rules;

/// <summary>What the rules say about a client.</summary>
internal enum Verdict
{
    /// <summary>No rule matches. For a single key: the search goes on with the next one.</summary>
    NoRule,

    /// <summary>No rule matches because the rules directory doesn't exist.</summary>
    RulesMissing,

    /// <summary>A rule lets the client in.</summary>
    Allow,

    /// <summary>A rule keeps the client out.</summary>
    Deny,

    /// <summary>The client's ids don't identify it: <see cref="UnmappedIds"/>. It stays out.</summary>
    Unknown,

    /// <summary>A rule can't be read, or is invalid: the client stays out.</summary>
    Unreadable,

    /// <summary>The file with the rules can't be opened: the client stays out.</summary>
    Unopenable,

    /// <summary>There are rules for groups, and the kernel doesn't report the client's groups: it stays out.</summary>
    GroupsUnknown,

    /// <summary>There are rules for security labels, and the kernel doesn't report the client's label: it stays out.</summary>
    LabelUnknown,

    /// <summary>
    /// There are rules for security labels, and the client's label can't be the name of a rule: <see cref="PeerLabel"/>. It stays out.
    /// </summary>
    LabelUnusable,
}

/// <summary>A verdict, with the reason when it is an error.</summary>
internal readonly struct Decision
{
    internal Decision(Verdict verdict) => Verdict = verdict;

    /// <summary>A rule that can't be read.</summary>
    internal Decision(Errno error)
        : this(Verdict.Unreadable, error)
    {
    }

    internal Decision(Verdict verdict, Errno error)
    {
        Verdict = verdict;
        Error = error;
    }

    internal Verdict Verdict { get; }

    /// <summary>Why the rules can't be read or opened, or the kernel can't be asked about the client.</summary>
    internal Errno Error { get; }

    /// <summary>The message about a client whose label can't be the name of a rule, behind its ids.</summary>
    internal static ReadOnlySpan<byte> UnusableLabel => ": its security label can't be the name of a rule"u8;

    /// <summary>The call that failed when the kernel can't be asked about the client; empty otherwise.</summary>
    internal ReadOnlySpan<byte> FailedCall => Verdict switch
    {
        Verdict.GroupsUnknown => PeerGroups.Call,
        Verdict.LabelUnknown => PeerLabel.Call,
        _ => default,
    };

    /// <summary>Which of the keys that were looked up decided, from 0; meaningless when none did.</summary>
    internal int KeyIndex { get; private init; }

    /// <summary>The same decision, made by the rule of a key.</summary>
    internal Decision OfKey(int index) => new(Verdict, Error) { KeyIndex = index };
}
