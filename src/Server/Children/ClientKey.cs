namespace LocalService.Server;

/// <summary>The key that a client's connections are counted under, 16 bytes: a user id, an address, or the network that an address is in.</summary>
/// <param name="high">The first eight bytes.</param>
/// <param name="low">The last eight bytes.</param>
internal readonly struct ClientKey(ulong high, ulong low)
{
    private const ulong Multiplier = 0x9E37_79B9_7F4A_7C15; // 2^64 divided by the golden ratio

    internal ulong High { get; } = high;

    internal ulong Low { get; } = low;

    /// <summary>A number that is spread over all 32 bits.</summary>
    internal uint Hash => (uint)((((High * Multiplier) ^ Low) * Multiplier) >> 32);

    internal bool Is(ClientKey other) => High == other.High && Low == other.Low;
}
