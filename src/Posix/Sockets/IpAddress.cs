using System;
using LocalService.Memory;

namespace LocalService.Posix;

/// <summary>An IPv4 or IPv6 address, the latter possibly with the number of the interface that it belongs to (RFC 4007).</summary>
internal readonly struct IpAddress
{
    /// <summary>The bytes of an IPv4 address.</summary>
    internal const int V4Size = 4;

    /// <summary>The bytes of an IPv6 address.</summary>
    internal const int V6Size = 16;

    // The first 96 bits of an IPv4 address that is written as an IPv6 one, ::ffff:a.b.c.d (RFC 4291, section 2.5.5.2).
    private const ulong MappedPrefix = 0xffff;
    private const ulong LinkLocalPrefix = 0xfe80 >> 6;

    private readonly ulong high;
    private readonly ulong low; // all of an IPv4 address

    private IpAddress(bool isV4, ulong high, ulong low, uint scope)
    {
        IsV4 = isV4;
        this.high = high;
        this.low = low;
        Scope = scope;
    }

    /// <summary>Whether it is an IPv4 address.</summary>
    internal bool IsV4 { get; }

    /// <summary>The number of the interface, 0 when none was given.</summary>
    internal uint Scope { get; }

    /// <summary>How many bytes it has: 4 or 16.</summary>
    internal int Size => IsV4 ? V4Size : V6Size;

    /// <summary>Whether no interface has it: 0.0.0.0 or ::.</summary>
    internal bool IsUnspecified => (high | low) == 0;

    /// <summary>An IPv4-mapped IPv6 address as an IPv4 address; any other address unchanged.</summary>
    internal IpAddress Unmapped => !IsV4 && high == 0 && low >> 32 == MappedPrefix ? OfV4((uint)low) : this;

    /// <summary>Whether it means something only together with an interface: fe80::/10.</summary>
    internal bool IsLinkLocal => !IsV4 && high >> 54 == LinkLocalPrefix;

    /// <summary>The IPv4 address of a number, the first byte being the most significant one.</summary>
    internal static IpAddress OfV4(uint number) => new(true, 0, number, 0);

    /// <summary>An IPv6 address from its two halves, the first byte being the most significant one.</summary>
    internal static IpAddress OfV6(ulong high, ulong low, uint scope = 0) => new(false, high, low, scope);

    /// <summary>The address of 4 or 16 bytes, as they are on the wire. False for any other number of bytes.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> bytes, out IpAddress address)
    {
        address = default;
        if (bytes.Length == V4Size)
            address = OfV4((uint)BigEndian.Read(bytes));
        else if (bytes.Length == V6Size)
            address = OfV6(BigEndian.Read(bytes[..8]), BigEndian.Read(bytes[8..]));
        else
            return false;
        return true;
    }

    /// <summary>Writes the address to the start of the destination as it is on the wire.</summary>
    /// <returns>The number of bytes written, <see cref="Size"/>.</returns>
    internal int Write(Span<byte> destination)
    {
        if (!IsV4)
            BigEndian.Write(destination[..8], high);
        BigEndian.Write(IsV4 ? destination[..V4Size] : destination[8..V6Size], low);
        return Size;
    }

    /// <summary>The 16-bit group of an IPv6 address, from 0 to 7.</summary>
    internal uint Group(int index) => (ushort)((index < 4 ? high : low) >> (48 - index % 4 * 16));

    /// <summary>The byte of an address, from 0 to <see cref="Size"/> - 1.</summary>
    internal byte ByteAt(int index) => IsV4 ? (byte)(low >> (24 - index * 8)) : (byte)((index < 8 ? high : low) >> (56 - index % 8 * 8));

    /// <summary>Whether both are the same, interface included.</summary>
    internal bool Equals(IpAddress other) => IsV4 == other.IsV4 && high == other.high && low == other.low && Scope == other.Scope;

    /// <summary>The first eight of 16 bytes; for an IPv4 address, of its IPv4-mapped form, as in <see cref="MappedLow"/>.</summary>
    internal ulong MappedHigh => high;

    /// <summary>The last eight of 16 bytes.</summary>
    internal ulong MappedLow => IsV4 ? MappedPrefix << 32 | low : low;

    /// <summary>The address with all bits but the first ones cleared.</summary>
    /// <param name="prefixLength">How many bits are kept, from 0 to 32 or 128.</param>
    internal IpAddress Network(int prefixLength)
    {
        if (IsV4)
            return OfV4((uint)low & (uint)Mask(prefixLength + 32));
        return OfV6(high & Mask(prefixLength), low & Mask(prefixLength - 64));
    }

    // The first bits of 64.
    private static ulong Mask(int length) => length <= 0 ? 0 : length >= 64 ? ulong.MaxValue : ulong.MaxValue << (64 - length);

    /// <summary>The same address on an interface.</summary>
    internal IpAddress WithScope(uint scope) => new(IsV4, high, low, scope);
}
