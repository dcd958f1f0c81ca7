using System;

namespace LocalService.Events;

/// <summary>What a client wants to be told of.</summary>
internal ref struct SubscriptionRequest
{
    /// <summary>What the client calls it.</summary>
    internal uint Id;

    /// <summary>Whether it goes on after a match.</summary>
    internal bool Repeats;

    /// <summary>After how long without a match it fails; 0: never.</summary>
    internal uint Milliseconds;

    /// <summary>The fifodir.</summary>
    internal ReadOnlySpan<byte> Directory;

    /// <summary>The regular expression.</summary>
    internal ReadOnlySpan<byte> Expression;
}
