namespace LocalService.Dns.Resolving;

/// <summary>
/// How many datagrams may be on their way at once. The buffer of a socket holds some 270 small datagrams unless its owner asks for more. What a
/// server has neither answered nor read would be lost beyond that; what is older than a burst it has read, and is looking for the answer.
/// </summary>
internal struct DatagramBurst
{
    private const int Most = 200;
    private const int LongestMilliseconds = 15;

    private long end; // of Clock.Milliseconds
    private int count; // sent, minus those received

    /// <summary>A datagram was sent.</summary>
    internal void Sent() => count++;

    /// <summary>A datagram, or an error of the network in its place, has come.</summary>
    internal void Received()
    {
        if (count > 0)
            count--;
    }

    /// <summary>Whether another one may be sent.</summary>
    /// <param name="now"><see cref="Posix.Clock.Milliseconds"/>.</param>
    internal bool HasRoom(long now)
    {
        if (now >= end)
        {
            end = now + LongestMilliseconds;
            count = 0;
        }
        return count < Most;
    }

    /// <summary>From when on there is room, if nothing comes before: 0 for now.</summary>
    internal readonly long RoomFrom => count < Most ? 0 : end;
}
