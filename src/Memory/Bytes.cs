using System;

namespace LocalService.Memory;

/// <summary>Operations on byte strings: the operating system's names and values have no encoding.</summary>
internal static unsafe class Bytes
{
    /// <summary>The bytes of a C string, without its NUL.</summary>
    internal static ReadOnlySpan<byte> OfC(byte* text)
    {
        int length = 0;
        while (text[length] != 0)
            length++;
        return new ReadOnlySpan<byte>(text, length);
    }

    /// <summary>The same.</summary>
    internal static ReadOnlySpan<byte> OfC(CString text) => OfC((byte*)text);

    /// <summary>The bytes before the first NUL, or all of them.</summary>
    internal static ReadOnlySpan<byte> UntilNul(ReadOnlySpan<byte> text)
    {
        int end = text.IndexOf((byte)0);
        return end < 0 ? text : text[..end];
    }

    /// <summary>The index of the first byte with that value, or -1. It tests eight bytes at once: texts may be long.</summary>
    internal static int IndexOf(this ReadOnlySpan<byte> text, byte wanted)
    {
        const ulong EachByte = 0x0101010101010101;
        fixed (byte* start = text)
        {
            int i = 0;
            for (; i + sizeof(ulong) <= text.Length; i += sizeof(ulong))
            {
                // If a byte of this is 0, the lowest borrow reaches its highest bit.
                ulong difference = *(ulong*)(start + i) ^ (wanted * EachByte);
                if (((difference - EachByte) & ~difference & (EachByte << 7)) != 0)
                    break;
            }
            for (; i < text.Length; i++)
            {
                if (start[i] == wanted)
                    return i;
            }
        }
        return -1;
    }

    internal static int LastIndexOf(this ReadOnlySpan<byte> text, byte wanted)
    {
        int i = text.Length - 1;
        while (i >= 0 && text[i] != wanted)
            i--;
        return i;
    }

    internal static bool SequenceEqual(this ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
        left.Length == right.Length && left.StartsWith(right);

    internal static bool StartsWith(this ReadOnlySpan<byte> text, ReadOnlySpan<byte> prefix)
    {
        if (text.Length < prefix.Length)
            return false;
        for (int i = 0; i < prefix.Length; i++)
        {
            if (text[i] != prefix[i])
                return false;
        }
        return true;
    }

    /// <summary>Bytewise order, a prefix before longer strings: negative, zero or positive.</summary>
    internal static int Compare(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        for (int i = 0; i < left.Length && i < right.Length; i++)
        {
            if (left[i] != right[i])
                return left[i] - right[i];
        }
        return left.Length - right.Length;
    }

    /// <summary>The part of a path after its last slash.</summary>
    internal static ReadOnlySpan<byte> BaseName(ReadOnlySpan<byte> path) => path[(path.LastIndexOf((byte)'/') + 1)..];
}
