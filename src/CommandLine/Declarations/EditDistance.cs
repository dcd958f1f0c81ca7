using System;

namespace LocalService.CommandLine;

/// <summary>How many bytes to insert, remove or replace to turn one word into another (Levenshtein's distance).</summary>
internal static class EditDistance
{
    /// <summary>The longest word that can be compared.</summary>
    internal const int LongestWord = 64;

    /// <summary>The distance; for a word that is too long, a number larger than any distance.</summary>
    internal static int Between(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        if (from.Length > LongestWord || to.Length > LongestWord)
            return int.MaxValue;
        // The distances from the part of `from` seen so far to every prefix of `to`.
        Span<int> row = stackalloc int[LongestWord + 1];
        for (int j = 0; j <= to.Length; j++)
            row[j] = j;
        for (int i = 0; i < from.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i + 1;
            for (int j = 0; j < to.Length; j++)
            {
                int replaced = diagonal + (from[i] == to[j] ? 0 : 1);
                diagonal = row[j + 1];
                row[j + 1] = Least(replaced, diagonal + 1, row[j] + 1);
            }
        }
        return row[to.Length];
    }

    private static int Least(int a, int b, int c)
    {
        int least = a < b ? a : b;
        return least < c ? least : c;
    }
}
