using System;

namespace LocalService.Events;

/// <summary>A client's request to be told of events.</summary>
internal ref struct SubscriptionRequest
{
    /// <summary>The client's id for the subscription.</summary>
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
