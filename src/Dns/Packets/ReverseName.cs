using System;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Dns.Packets;

/// <summary>The name for the reverse lookup of an address: below in-addr.arpa (RFC 1035, section 3.5) or ip6.arpa (RFC 3596).</summary>
internal static class ReverseName
{
    /// <summary>Makes the name of an address. An IPv4-mapped IPv6 address counts as IPv4.</summary>
    internal static void Of(IpAddress address, ref DomainName name)
    {
        address = address.Unmapped;
        Span<byte> text = stackalloc byte[DomainName.Longest];
        int used = 0;
        for (int i = address.Size - 1; i >= 0; i--)
        {
            byte value = address.ByteAt(i);
            if (address.IsV4)
            {
                if (value >= 100)
                    text[used++] = (byte)('0' + value / 100);
                if (value >= 10)
                    text[used++] = (byte)('0' + value / 10 % 10);
                text[used++] = (byte)('0' + value % 10);
            }
            else
            {
                text[used++] = HexDigit.Of(value & 15);
                text[used++] = (byte)'.';
                text[used++] = HexDigit.Of(value >> 4);
            }
            text[used++] = (byte)'.';
        }
        ReadOnlySpan<byte> domain = address.IsV4 ? "in-addr.arpa"u8 : "ip6.arpa"u8;
        domain.CopyTo(text[used..]);
        _ = name.Parse(text[..(used + domain.Length)]);
    }
}
