using System;
using LocalService.CommandLine;
using LocalService.Posix;

namespace LocalService.Rules;

/// <summary>
/// The keys of a client that is known by its address: <c>ip4/NETWORK_LENGTH</c> or <c>ip6/NETWORK_LENGTH</c>, from the address itself to the network
/// of all addresses. Specification "access", sections 2.2 and 2.3.
/// </summary>
/// <param name="address">The address. An IPv4-mapped IPv6 address counts as an IPv4 address (specification "tcp", B4).</param>
internal struct AddressKeys(IpAddress address) : IRuleKeys
{
    private const int KindLength = 4;

    private readonly IpAddress address = address.Unmapped.WithScope(0);
    private int step;

    /// <summary>The length of the key for an IPv6 address with its length.</summary>
    public static int LongestKey => KindLength + IpAddressText.LongestText + 1 + Numbers.LongestText;

    public static bool HaveKinds => false;

    public readonly bool IsAmongEquals => false;

    public readonly bool HasRules => false;

    public bool Next(Span<byte> buffer, out ReadOnlySpan<byte> key)
    {
        key = default;
        int length = 8 * address.Size - step++;
        if (length < 0)
            return false;
        ReadOnlySpan<byte> kind = address.IsV4 ? "ip4/"u8 : "ip6/"u8;
        kind.CopyTo(buffer);
        int used = KindLength + IpAddressText.Format(address.Network(length), buffer[KindLength..]).Length;
        buffer[used++] = (byte)'_';
        ReadOnlySpan<byte> number = Numbers.Decimal((ulong)length, stackalloc byte[Numbers.LongestText]);
        number.CopyTo(buffer[used..]);
        key = buffer[..(used + number.Length)];
        return true;
    }

    public readonly Decision Enter(bool hasRules) => default;
}
