using System;
using LocalService.CommandLine;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Dns.Packets;

/// <summary>The types of records that have a name here, and the one class that there is (RFC 1035, section 3.2, and later ones).</summary>
internal static class RecordType
{
    internal const ushort A = 1;
    internal const ushort NS = 2;
    internal const ushort CNAME = 5;
    internal const ushort SOA = 6;
    internal const ushort PTR = 12;
    internal const ushort HINFO = 13;
    internal const ushort MX = 15;
    internal const ushort TXT = 16;
    internal const ushort RP = 17;
    internal const ushort AAAA = 28;
    internal const ushort SRV = 33;
    internal const ushort DNAME = 39;

    /// <summary>No record: what an extended packet says about itself (RFC 6891).</summary>
    internal const ushort OPT = 41;
    internal const ushort ANY = 255;
    internal const ushort CAA = 257;

    /// <summary>The class of the Internet.</summary>
    internal const ushort ClassInternet = 1;

    // A number and a name each, as users may write it; if several names have a number, the first one is shown.
    private static ReadOnlySpan<byte> Names =>
        "\0\u0001A\0"u8 + "\0\u0002NS\0"u8 + "\0\u0005CNAME\0"u8 + "\0\u0006SOA\0"u8 + "\0\u000CPTR\0"u8 + "\0\u000DHINFO\0"u8 + "\0\u000FMX\0"u8 +
        "\0\u0010TXT\0"u8 + "\0\u0011RP\0"u8 + "\0\u0018SIG\0"u8 + "\0\u0019KEY\0"u8 + "\0\u001CAAAA\0"u8 + "\0\u0021SRV\0"u8 +
        "\0\u0027DNAME\0"u8 + "\0\u0029OPT\0"u8 + "\u0001\u0001CAA\0"u8;

    /// <summary>The name of a type; nothing when it has none.</summary>
    internal static ReadOnlySpan<byte> NameOf(ushort type)
    {
        for (ReadOnlySpan<byte> rest = Names; !rest.IsEmpty;)
        {
            ReadOnlySpan<byte> name = TakeFirst(ref rest, out ushort number);
            if (number == type)
                return name;
        }
        return default;
    }

    /// <summary>
    /// Reads a type as users write it: its name in any case, <c>ANY</c>, <c>AXFR</c>, a number from 1 to 65535, or <c>TYPE</c> and the number
    /// (RFC 3597).
    /// </summary>
    internal static bool TryParse(ReadOnlySpan<byte> text, out ushort type)
    {
        const ushort Transfer = 252;
        bool found = true;
        type = 0;
        if (SameIgnoringCase(text, "ANY"u8))
            type = ANY;
        else if (SameIgnoringCase(text, "AXFR"u8))
            type = Transfer;
        else
            found = TryFind(text, out type) || TryParseNumber(text, out type);
        return found;
    }

    private static bool TryFind(ReadOnlySpan<byte> text, out ushort type)
    {
        for (ReadOnlySpan<byte> rest = Names; !rest.IsEmpty;)
        {
            if (SameIgnoringCase(text, TakeFirst(ref rest, out type)) && type != OPT)
                return true;
        }
        type = 0;
        return false;
    }

    private static bool TryParseNumber(ReadOnlySpan<byte> text, out ushort type)
    {
        const int PrefixLength = 4;
        if (text.Length > PrefixLength && SameIgnoringCase(text[..PrefixLength], "TYPE"u8))
            text = text[PrefixLength..];
        bool parsed = Numbers.TryParse(text, out uint number) && number is > 0 and <= ushort.MaxValue;
        type = (ushort)number;
        return parsed;
    }

    private static ReadOnlySpan<byte> TakeFirst(scoped ref ReadOnlySpan<byte> rest, out ushort type)
    {
        type = (ushort)BigEndian.Read(rest[..2]);
        int end = 2 + rest[2..].IndexOf((byte)0);
        ReadOnlySpan<byte> name = rest[2..end];
        rest = rest[(end + 1)..];
        return name;
    }

    private static bool SameIgnoringCase(ReadOnlySpan<byte> text, ReadOnlySpan<byte> capitals)
    {
        bool same = text.Length == capitals.Length;
        for (int i = 0; i < text.Length && same; i++)
            same = (text[i] is >= (byte)'a' and <= (byte)'z' ? text[i] & ~0x20 : text[i]) == capitals[i];
        return same;
    }
}
