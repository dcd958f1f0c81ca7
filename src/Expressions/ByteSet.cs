using System;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Expressions;

/// <summary>A set of bytes: a bit for each, in eight words of a program.</summary>
internal static class ByteSet
{
    /// <summary>The size of a set in words.</summary>
    internal const int Words = 256 / 32;

    private static ReadOnlySpan<byte> Classes =>
        "\u0005alnum\u000609AZaz\u0005alpha\u0004AZaz\u0005blank\u0004\t\t  \u0005cntrl\u0004\0\u001f\u007f\u007f\u0005digit\u000209"u8 +
        "\u0005graph\u0002!~\u0005lower\u0002az\u0005print\u0002 ~\u0005punct\u0008!/:@[`{~\u0005space\u0004\t\r  \u0005upper\u0002AZ"u8 +
        "\u0006xdigit\u000609AFaf"u8;

    internal static bool Contains(ReadOnlySpan<int> set, byte member) => ((set[member >> 5] >> (member & 31)) & 1) != 0;

    internal static void AddRange(Span<int> set, int first, int last)
    {
        for (int member = first; member <= last; member++)
            set[member >> 5] |= 1 << (member & 31);
    }

    internal static void Invert(Span<int> set)
    {
        for (int i = 0; i < Words; i++)
            set[i] = ~set[i];
    }

    /// <summary>Adds the members of a class of the C locale, <c>alpha</c> for example. False for an unknown class.</summary>
    internal static bool TryAddClass(Span<int> set, ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> classes = Classes; // each a length and the name, a length and the first and last bytes of ranges
        while (!classes.IsEmpty)
        {
            int nameEnd = 1 + classes[0];
            int end = nameEnd + 1 + classes[nameEnd];
            if (name.SequenceEqual(classes[1..nameEnd]))
            {
                for (int i = nameEnd + 1; i < end; i += 2)
                    AddRange(set, classes[i], classes[i + 1]);
                return true;
            }
            classes = classes[end..];
        }
        return false;
    }
}
