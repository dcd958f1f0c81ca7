using System;
using LocalService.Libc;
using LocalService.Memory;

namespace LocalService.Posix;

/// <summary>
/// Addresses as text: IPv4 as four decimal numbers up to 255, leading zeros allowed; IPv6 is read in every spelling of RFC 4291, section 2.2, and
/// written in that of RFC 5952. Specification "tcp", section 2, with B3: text after a complete address makes it invalid.
/// </summary>
internal static unsafe class IpAddressText
{
    /// <summary>The buffer size that holds any address as text, the number of its interface included.</summary>
    internal const int LongestText = 60;

    private const int Groups = 8;
    private const int LongestGroup = 4;
    private const int LongestInterfaceName = 15; // IFNAMSIZ without the NUL

    /// <summary>Reads a word that is an address and nothing else.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> text, out IpAddress address) => ParsePrefix(text, out address) == text.Length && !text.IsEmpty;

    /// <summary>The same, but <c>%</c> and the name or number of an interface may follow an IPv6 address.</summary>
    internal static bool TryParseScoped(ReadOnlySpan<byte> text, out IpAddress address)
    {
        int percent = text.IndexOf((byte)'%');
        if (percent < 0)
            return TryParse(text, out address);
        uint scope = InterfaceOf(text[(percent + 1)..]);
        bool parsed = TryParse(text[..percent], out address) && !address.IsV4 && scope != 0;
        address = address.WithScope(scope);
        return parsed;
    }

    /// <summary>Reads an address from the beginning of a text. What follows it is the caller's business.</summary>
    /// <returns>How many bytes the address takes; 0 when the text doesn't begin with one.</returns>
    internal static int ParsePrefix(ReadOnlySpan<byte> text, out IpAddress address)
    {
        int length = ParseV4(text, out uint number);
        address = IpAddress.OfV4(number);
        return length > 0 ? length : ParseV6(text, out address);
    }

    /// <summary>Writes an address to the start of a buffer of <see cref="LongestText"/> bytes.</summary>
    /// <returns>The text.</returns>
    internal static ReadOnlySpan<byte> Format(IpAddress address, Span<byte> buffer)
    {
        int length = address.IsV4 ? FormatV4(address, 0, buffer) : FormatV6(address, buffer);
        if (address.Scope != 0)
        {
            buffer[length++] = (byte)'%';
            length += AddNumber(address.Scope, 10, buffer[length..]);
        }
        return buffer[..length];
    }

    private static int ParseV4(ReadOnlySpan<byte> text, out uint number)
    {
        number = 0;
        int position = 0;
        for (int part = 0; part < 4; part++)
        {
            if (part > 0)
            {
                if (position == text.Length || text[position] != (byte)'.')
                    return 0;
                position++;
            }
            int start = position;
            uint value = 0;
            for (; position < text.Length && text[position] is >= (byte)'0' and <= (byte)'9' && value <= byte.MaxValue; position++)
                value = value * 10 + text[position] - '0';
            if (position == start || value > byte.MaxValue)
                return 0;
            number = number << 8 | value;
        }
        return position;
    }

    private static int ParseV6(ReadOnlySpan<byte> text, out IpAddress address)
    {
        address = default;
        Span<ushort> groups = stackalloc ushort[Groups];
        int count = 0;
        int gap = -1; // how many groups stand in front of the two colons
        int position = 0;
        if (text.Length >= 2 && text[0] == (byte)':' && text[1] == (byte)':')
        {
            gap = 0;
            position = 2;
        }
        while (count < Groups)
        {
            int digits = ParseGroup(text[position..], out ushort value);
            if (digits == 0)
                break;
            bool dotted = position + digits < text.Length && text[position + digits] == (byte)'.';
            if (dotted)
            {
                int length = ParseV4(text[position..], out uint number);
                if (length == 0 || count > Groups - 2)
                    return 0;
                groups[count++] = (ushort)(number >> 16);
                groups[count++] = (ushort)number;
                position += length;
                break;
            }
            groups[count++] = value;
            position += digits;
            if (position + 1 >= text.Length || text[position] != (byte)':')
                break;
            bool isGap = text[position + 1] == (byte)':';
            if (isGap && gap >= 0)
                break;
            if (isGap)
                gap = count;
            else if (count == Groups || ParseGroup(text[(position + 1)..], out _) == 0)
                break;
            position += isGap ? 2 : 1;
        }
        if (gap < 0 ? count < Groups : count == Groups)
            return 0;
        address = Join(groups[..count], gap < 0 ? count : gap);
        return position;
    }

    /// <summary>The address of the groups before and behind the gap.</summary>
    private static IpAddress Join(ReadOnlySpan<ushort> groups, int gap)
    {
        ulong high = 0;
        ulong low = 0;
        for (int i = 0; i < groups.Length; i++)
        {
            int place = i < gap ? i : Groups - groups.Length + i;
            ulong bits = (ulong)groups[i] << (48 - place % 4 * 16);
            high |= place < 4 ? bits : 0;
            low |= place < 4 ? 0 : bits;
        }
        return IpAddress.OfV6(high, low);
    }

    /// <summary>How many bytes the hexadecimal group takes; 0 when there is none, or it has more than four digits.</summary>
    private static int ParseGroup(ReadOnlySpan<byte> text, out ushort value)
    {
        uint number = 0;
        int length = 0;
        for (; length < text.Length && length <= LongestGroup; length++)
        {
            int digit = HexDigit.ValueOf(text[length]);
            if (digit < 0)
                break;
            number = number << 4 | (uint)digit;
        }
        value = (ushort)number;
        return length > LongestGroup ? 0 : length;
    }

    /// <summary>The number of an interface that is given by name or number; 0 when there is none.</summary>
    private static uint InterfaceOf(ReadOnlySpan<byte> text)
    {
        uint number = 0;
        bool isNumber = !text.IsEmpty && text.Length < 10;
        for (int i = 0; isNumber && i < text.Length; i++)
        {
            isNumber = text[i] is >= (byte)'0' and <= (byte)'9';
            number = number * 10 + text[i] - '0';
        }
        if (isNumber)
            return number;
        if (text.IsEmpty || text.Length > LongestInterfaceName)
            return 0;
        byte* name = stackalloc byte[LongestInterfaceName + 1];
        text.CopyTo(new Span<byte>(name, LongestInterfaceName));
        name[text.Length] = 0;
        return libc.if_nametoindex(name);
    }

    private static int FormatV4(IpAddress address, int firstByte, Span<byte> buffer)
    {
        int length = 0;
        for (int i = 0; i < IpAddress.V4Size; i++)
        {
            if (i > 0)
                buffer[length++] = (byte)'.';
            length += AddNumber(address.ByteAt(firstByte + i), 10, buffer[length..]);
        }
        return length;
    }

    private static int FormatV6(IpAddress address, Span<byte> buffer)
    {
        // An IPv4-mapped IPv6 address shows the IPv4 address, section 5.
        bool isMapped = address.Unmapped.IsV4;
        int shown = isMapped ? Groups - 2 : Groups;
        FindZeros(address, shown, out int gapStart, out int gapLength);
        int length = 0;
        for (int i = 0; i < shown; i++)
        {
            if (i == gapStart)
                buffer[length++] = (byte)':';
            if (i >= gapStart && i < gapStart + gapLength)
                continue;
            if (i > 0)
                buffer[length++] = (byte)':';
            length += AddNumber(address.Group(i), 16, buffer[length..]);
        }
        if (gapStart + gapLength == Groups || isMapped)
            buffer[length++] = (byte)':';
        return isMapped ? length + FormatV4(address, IpAddress.V6Size - IpAddress.V4Size, buffer[length..]) : length;
    }

    /// <summary>The longest run of zero groups, the first among runs of equal length; a single group doesn't count (section 4.2).</summary>
    private static void FindZeros(IpAddress address, int groups, out int start, out int length)
    {
        start = -1;
        length = 0;
        for (int i = 0; i < groups; i++)
        {
            int run = 0;
            while (i + run < groups && address.Group(i + run) == 0)
                run++;
            if (run > 1 && run > length)
            {
                start = i;
                length = run;
            }
            i += run;
        }
    }

    private static int AddNumber(uint number, uint numberBase, Span<byte> buffer)
    {
        int length = 1;
        for (uint rest = number / numberBase; rest > 0; rest /= numberBase)
            length++;
        for (int i = length - 1; i >= 0; i--)
        {
            buffer[i] = "0123456789abcdef"u8[(int)(number % numberBase)];
            number /= numberBase;
        }
        return length;
    }
}
