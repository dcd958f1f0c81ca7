using System;
using LocalService.CommandLine;

namespace LocalService.Access;

/// <summary>The verdict of the connection limit on a client.</summary>
internal enum ConnLimitVerdict
{
    Allow,

    /// <summary>The client has more connections than allowed.</summary>
    Refuse,

    /// <summary>The number of connections isn't a number.</summary>
    InvalidNumber,

    /// <summary>The limit isn't a number.</summary>
    InvalidMaximum,
}

/// <summary>Whether a client has too many connections. Specification "access", section 7.</summary>
internal static class ConnectionLimit
{
    /// <summary>Decides without a limit: the number of connections must still be valid.</summary>
    internal static ConnLimitVerdict Decide(ReadOnlySpan<byte> number) =>
        Numbers.TryParse(number, out _) ? ConnLimitVerdict.Allow : ConnLimitVerdict.InvalidNumber;

    /// <summary>Decides with a limit.</summary>
    /// <param name="number">How many connections the client has, this one included.</param>
    /// <param name="maximum">How many connections it may have.</param>
    internal static ConnLimitVerdict Decide(ReadOnlySpan<byte> number, ReadOnlySpan<byte> maximum)
    {
        if (!Numbers.TryParse(number, out uint connections))
            return ConnLimitVerdict.InvalidNumber;
        if (!Numbers.TryParse(maximum, out uint limit))
            return ConnLimitVerdict.InvalidMaximum;
        return connections > limit ? ConnLimitVerdict.Refuse : ConnLimitVerdict.Allow;
    }
}
