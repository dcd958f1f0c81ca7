using System;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Sudo;

/// <summary>A walk through consecutive NUL-terminated strings. Data behind the last one counted are ignored.</summary>
/// <param name="text">The strings.</param>
/// <param name="count">The number of strings. The walk ends earlier if there are fewer.</param>
internal ref struct RequestStrings(ReadOnlySpan<byte> text, int count)
{
    private ReadOnlySpan<byte> rest = text;

    /// <summary>The string, with its NUL.</summary>
    internal ReadOnlySpan<byte> Current { get; private set; }

    /// <summary>How many strings remain if none is missing.</summary>
    internal int Left { get; private set; } = count;

    /// <summary>Whether all strings are there, each with its NUL.</summary>
    internal readonly bool AreComplete
    {
        get
        {
            int ends = 0;
            for (int i = 0; i < rest.Length && ends < Left; i++)
                ends += rest[i] == 0 ? 1 : 0;
            return ends == Left;
        }
    }

    internal bool MoveNext()
    {
        int end = Left > 0 ? rest.IndexOf((byte)0) : -1;
        if (end < 0)
            return false;
        Current = rest[..(end + 1)];
        rest = rest[(end + 1)..];
        Left--;
        return true;
    }
}
