using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Dns.Packets;

/// <summary>
/// A domain name as it is on the wire without compression: labels, each behind its length, ended by an empty one; 1 to 255 bytes (RFC 1035, section
/// 3.1). The default value is no name at all. Moving it means copying it: keep it in place and pass it by reference.
/// </summary>
internal unsafe struct DomainName
{
    /// <summary>The most bytes of a name, lengths and the final 0 included.</summary>
    internal const int Longest = 255;

    /// <summary>The most bytes of a label.</summary>
    internal const int LongestLabel = 63;

    /// <summary>The buffer size that holds any name as text.</summary>
    internal const int LongestText = Longest * 4;

    private byte length;
    private fixed byte bytes[Longest];

    /// <summary>The name. The span refers to this variable, and changes and ends with it.</summary>
    [UnscopedRef]
    internal readonly ReadOnlySpan<byte> Wire
    {
        get
        {
            fixed (byte* start = bytes)
                return new ReadOnlySpan<byte>(start, length);
        }
    }

    /// <summary>The buffer for a name that is still to be written; then set its length with <see cref="SetLength"/>.</summary>
    [UnscopedRef]
    internal Span<byte> Buffer
    {
        get
        {
            fixed (byte* start = bytes)
                return new Span<byte>(start, Longest);
        }
    }

    /// <summary>Whether it is the root.</summary>
    internal readonly bool IsRoot => length == 1;

    /// <summary>Whether there is no name.</summary>
    internal readonly bool IsNone => length == 0;

    /// <summary>How many labels it has; the root has none.</summary>
    internal readonly int Labels
    {
        get
        {
            int count = 0;
            for (int position = 0; position < length && bytes[position] != 0; position += bytes[position] + 1)
                count++;
            return count;
        }
    }

    /// <summary>Sets the length, in bytes, of the name that was written to <see cref="Buffer"/>.</summary>
    internal void SetLength(int newLength) => length = (byte)newLength;

    /// <summary>
    /// Takes a name in wire form as it is. False when it is invalid: a wrong label, more than 255 bytes, or a name that doesn't end where the bytes
    /// end.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // called from many places
    internal bool TrySet(ReadOnlySpan<byte> wire)
    {
        length = 0;
        if (!IsName(wire))
            return false;
        wire.CopyTo(Buffer);
        length = (byte)wire.Length;
        return true;
    }

    /// <summary>
    /// Reads a name as users write it: labels separated by dots, with or without a final dot. No escapes. Letters become lower case. The empty text
    /// and a dot alone are the root. Specification "dns", section 2.2, with B21.
    /// </summary>
    /// <returns>EINVAL for an empty label inside of a name, ENAMETOOLONG for a label above 63 or a name above 255 bytes.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)] // called from many places
    internal Errno Parse(ReadOnlySpan<byte> text)
    {
        length = 0;
        if (!text.IsEmpty && text[text.Length - 1] == (byte)'.')
            text = text[..(text.Length - 1)];
        int used = 0;
        while (!text.IsEmpty)
        {
            int end = text.IndexOf((byte)'.');
            ReadOnlySpan<byte> label = end < 0 ? text : text[..end];
            if (label.IsEmpty || end == text.Length - 1)
                return new Errno(libc.EINVAL);
            if (label.Length > LongestLabel || used + label.Length + 2 > Longest)
                return new Errno(libc.ENAMETOOLONG);
            bytes[used++] = (byte)label.Length;
            for (int i = 0; i < label.Length; i++)
                bytes[used++] = SmallLetter(label[i]);
            text = end < 0 ? default : text[(end + 1)..];
        }
        bytes[used++] = 0;
        length = (byte)used;
        return default;
    }

    /// <summary>Whether two names in wire form are the same, ignoring the case of ASCII letters (RFC 4343).</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // called from many places
    internal static bool Same(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        if (left.Length != right.Length)
            return false;
        // The length of a label is below the code of any letter, so that it can be compared in the same way.
        for (int i = 0; i < left.Length; i++)
        {
            if (left[i] != right[i] && SmallLetter(left[i]) != SmallLetter(right[i]))
                return false;
        }
        return true;
    }

    /// <summary>Makes every letter lower case.</summary>
    internal void MakeSmall()
    {
        for (int i = 0; i < length; i++)
            bytes[i] = SmallLetter(bytes[i]);
    }

    /// <summary>
    /// Writes the name to the start of a buffer of <see cref="LongestText"/> bytes in the form of a master file (RFC 1035, section 5.1), with its
    /// final dot: a byte that isn't printable ASCII as <c>\DDD</c>, a byte with a special meaning behind a backslash (B17).
    /// </summary>
    /// <returns>The text.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)] // called from many places
    internal readonly ReadOnlySpan<byte> Format(Span<byte> text)
    {
        int used = 0;
        for (int position = 0; position < length && bytes[position] != 0;)
        {
            int end = position + bytes[position] + 1;
            for (position++; position < end; position++)
                used += Quote(bytes[position], text[used..]);
            text[used++] = (byte)'.';
        }
        if (used == 0)
            text[used++] = (byte)'.';
        return text[..used];
    }

    private static bool IsName(ReadOnlySpan<byte> wire)
    {
        int position = 0;
        while (position < wire.Length && wire[position] is > 0 and <= LongestLabel)
            position += wire[position] + 1;
        return wire.Length <= Longest && position == wire.Length - 1 && wire[position] == 0;
    }

    private static int Quote(byte character, Span<byte> text)
    {
        if (character is <= (byte)' ' or > (byte)'~')
        {
            text[0] = (byte)'\\';
            text[1] = (byte)('0' + character / 100);
            text[2] = (byte)('0' + character / 10 % 10);
            text[3] = (byte)('0' + character % 10);
            return 4;
        }
        bool special = ".\"\\();@$"u8.IndexOf(character) >= 0;
        text[0] = special ? (byte)'\\' : character;
        if (special)
            text[1] = character;
        return special ? 2 : 1;
    }

    private static byte SmallLetter(byte character) => character is >= (byte)'A' and <= (byte)'Z' ? (byte)(character | 0x20) : character;
}
