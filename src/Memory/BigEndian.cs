using System;

namespace LocalService.Memory;

/// <summary>Unsigned numbers with the most significant byte first, as in protocols.</summary>
internal static class BigEndian
{
    /// <summary>The number in the bytes, at most eight.</summary>
    internal static ulong Read(ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        foreach (byte digit in bytes)
            value = value << 8 | digit;
        return value;
    }

    /// <summary>Fills the bytes with the low digits of the number.</summary>
    internal static void Write(Span<byte> bytes, ulong value)
    {
        for (int i = bytes.Length - 1; i >= 0; i--)
        {
            bytes[i] = (byte)value;
            value >>= 8;
        }
    }
}
