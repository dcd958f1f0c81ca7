using System;
using LocalService.CommandLine;
using LocalService.Memory;

namespace LocalService.Syslog;

/// <summary>How the bytes of a message that aren't text are written.</summary>
internal enum Quoting : byte
{
    /// <summary>They stay as they are.</summary>
    None,

    /// <summary>
    /// Control characters except the tab, and bytes that aren't UTF-8, are written as <c>\xNN</c>: no message can move the cursor of a terminal, or
    /// pretend to be another.
    /// </summary>
    Controls,

    /// <summary>The same, and tabs.</summary>
    ControlsAndTabs,
}

/// <summary>Puts a line of the log together.</summary>
/// <param name="target">The buffer. The caller makes sure that there is room.</param>
internal unsafe ref struct LineWriter(Span<byte> target)
{
    /// <summary>The most bytes that a byte of a message becomes.</summary>
    internal const int LongestQuotedByte = 4;

    private const ulong EachByte = 0x0101010101010101;
    private const ulong HighBits = 0x80 * EachByte;

    private readonly Span<byte> target = target;

    /// <summary>The bytes that were written.</summary>
    internal int Length { get; private set; }

    /// <summary>Adds text of the program itself.</summary>
    internal void Add(scoped ReadOnlySpan<byte> text)
    {
        text.CopyTo(target[Length..]);
        Length += text.Length;
    }

    internal void Add(byte single) => target[Length++] = single;

    internal void Add(ulong number) => Add(Numbers.Decimal(number, stackalloc byte[Numbers.LongestText]));

    /// <summary>Adds foreign text. A NUL or newline becomes <c>~</c>, whatever the quoting: a message is one line.</summary>
    internal void AddForeign(scoped ReadOnlySpan<byte> text, Quoting quoting)
    {
        for (int i = 0; i < text.Length;)
        {
            int plain = LengthOfPlain(text[i..]);
            Add(text.Slice(i, plain));
            i += plain;
            if (i < text.Length)
                i += AddSpecial(text[i..], quoting);
        }
    }

    /// <summary>Whether foreign text stays as it is: printable ASCII.</summary>
    internal static bool IsPlain(ReadOnlySpan<byte> text) => LengthOfPlain(text) == text.Length;

    /// <summary>Adds the byte or character that the text begins with.</summary>
    /// <returns>Its length.</returns>
    private int AddSpecial(scoped ReadOnlySpan<byte> text, Quoting quoting)
    {
        byte first = text[0];
        if (first is 0 or (byte)'\n')
        {
            Add((byte)'~');
            return 1;
        }
        if (quoting == Quoting.None || (first == (byte)'\t' && quoting == Quoting.Controls))
        {
            Add(first);
            return 1;
        }
        int length = Utf8.LengthOfCharacter(text);
        if (length > 0)
        {
            Add(text[..length]);
            return length;
        }
        Add("\\x"u8);
        Add(HexDigit.Of(first >> 4));
        Add(HexDigit.Of(first & 15));
        return 1;
    }

    /// <summary>How many bytes of printable ASCII the text begins with. Most messages are nothing else: checks eight bytes at a time.</summary>
    private static int LengthOfPlain(ReadOnlySpan<byte> text)
    {
        int length = 0;
        fixed (byte* start = text)
        {
            while (length + sizeof(ulong) <= text.Length && ArePlain(*(ulong*)(start + length)))
                length += sizeof(ulong);
        }
        while (length < text.Length && text[length] is >= 0x20 and < 0x7F)
            length++;
        return length;
    }

    // A high bit is set in the word itself by a byte from 0x80 on, in the sum by 0x7F, in the difference by a byte below 0x20 (and perhaps by bytes
    // above it that a borrow reaches: then there is something special anyway).
    private static bool ArePlain(ulong word) => ((word | (word + EachByte) | (word - 0x20 * EachByte)) & HighBits) == 0;
}
