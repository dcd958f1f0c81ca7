namespace LocalService.Dns.Resolving;

/// <summary>
/// How many datagrams may be on their way at once. The buffer of a socket holds some 270 small datagrams unless its owner asks for more. Beyond that,
/// datagrams that a server has neither answered nor read would be lost. A server has read datagrams that are older than a burst, and is looking for
/// their answers.
/// </summary>
internal struct DatagramBurst
{
    private const int Most = 200;
    private const int LongestMilliseconds = 15;

    private long end; // of Clock.Milliseconds
    private int count; // sent, minus those received

    /// <summary>A datagram was sent.</summary>
    internal void Sent() => count++;

    /// <summary>A datagram has come, or an error of the network instead.</summary>
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

    /// <summary>When there will be room if nothing comes before: 0 for now.</summary>
    internal readonly long RoomFrom => count < Most ? 0 : end;
}
