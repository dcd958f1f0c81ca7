using System;
using LocalService.CommandLine;
using LocalService.Memory;

namespace LocalService.FdHolder;

/// <summary>A name as it is printed: on one line, in ASCII. Specification "fdholder", section 6.</summary>
internal static class QuotedName
{
    private const byte FirstLetter = 7; // the bytes from here on have a letter each

    private static ReadOnlySpan<byte> Letters => "abtnvfr"u8;

    internal static void Add(ref Line line, scoped ReadOnlySpan<byte> name)
    {
        Span<byte> quoted = stackalloc byte[5];
        foreach (byte character in name)
            line.Add(Quote(character, quoted));
    }

    private static ReadOnlySpan<byte> Quote(byte character, Span<byte> quoted)
    {
        quoted[0] = character;
        if (character is >= (byte)' ' and <= (byte)'~' and not (byte)'\\')
            return quoted[..1];
        quoted[0] = (byte)'\\';
        quoted[1] = character;
        if (character == (byte)'\\')
            return quoted[..2];
        int letter = character - FirstLetter;
        if (letter >= 0 && letter < Letters.Length)
        {
            quoted[1] = Letters[letter];
            return quoted[..2];
        }
        quoted[1] = (byte)'0';
        quoted[2] = (byte)'x';
        quoted[3] = HexDigit.Of(character >> 4);
        quoted[4] = HexDigit.Of(character & 15);
        return quoted;
    }
}
