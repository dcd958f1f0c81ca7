using System;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.CommandLine;

/// <summary>
/// A list of group ids in the form of options and variables: numbers, separated by blanks or by one of <c>, : ;</c> with or
/// without blanks around it. The empty text is the empty list. It lives in the <see cref="Arena"/>.
/// Specification "conventions", section 1.5, with decision 4: an element that isn't a number of 32 bits makes the whole list invalid.
/// </summary>
internal readonly unsafe struct GroupIdList
{
    private readonly uint* members;

    /// <summary>A list of members in memory that lives as long as the process.</summary>
    internal GroupIdList(uint* members, int count)
    {
        this.members = members;
        Count = count;
    }

    /// <summary>The number of members.</summary>
    internal int Count { get; }

    /// <summary>The members, in the order in which they were written.</summary>
    internal ReadOnlySpan<uint> Members => new(members, Count);

    /// <summary>Parses a list. Fails on an empty element, on garbage, and on more members than the kernel takes.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> text, out GroupIdList list)
    {
        uint* parsed = (uint*)Arena.Allocate(((nuint)text.Length + 1) * sizeof(uint));
        int count = 0;
        list = default;
        bool valid = true;
        while (valid && !text.IsEmpty)
        {
            int length = LengthOfElement(text);
            valid = Numbers.TryParse(text[..length], out parsed[count++]) && TrySkipSeparator(text[length..], out text);
        }
        list = new GroupIdList(parsed, count);
        return valid && count <= libc.NGROUPS_MAX;
    }

    /// <summary>The canonical form: decimal numbers with commas between them.</summary>
    internal byte* ToCString()
    {
        byte* text = Arena.Allocate((nuint)Count * Numbers.LongestText + 1);
        int length = 0;
        Span<byte> digits = stackalloc byte[Numbers.LongestText];
        for (int i = 0; i < Count; i++)
        {
            if (i > 0)
                text[length++] = (byte)',';
            ReadOnlySpan<byte> number = Numbers.Decimal(members[i], digits);
            number.CopyTo(new Span<byte>(text + length, number.Length));
            length += number.Length;
        }
        return text;
    }

    /// <summary>The length of the first element of a list: everything before the next separator.</summary>
    internal static int LengthOfElement(ReadOnlySpan<byte> text)
    {
        int length = 0;
        while (length < text.Length && !IsBlank(text[length]) && !IsSeparator(text[length]))
            length++;
        return length;
    }

    /// <summary>After an element: the end, or blanks, or one separator with optional blanks, and then another element.</summary>
    internal static bool TrySkipSeparator(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> rest)
    {
        rest = SkipBlanks(text, out bool blank);
        if (rest.IsEmpty)
            return true;
        if (!IsSeparator(rest[0]))
            return blank;
        rest = SkipBlanks(rest[1..], out _);
        return !rest.IsEmpty;
    }

    private static ReadOnlySpan<byte> SkipBlanks(ReadOnlySpan<byte> text, out bool any)
    {
        int blanks = 0;
        while (blanks < text.Length && IsBlank(text[blanks]))
            blanks++;
        any = blanks > 0;
        return text[blanks..];
    }

    private static bool IsSeparator(byte character) => character is (byte)',' or (byte)':' or (byte)';';

    private static bool IsBlank(byte character) => character is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n';
}
