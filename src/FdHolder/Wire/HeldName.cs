using System;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.FdHolder;

/// <summary>
/// The name that a descriptor is held under, as messages have it: <c>n:u8 name[n] NUL</c>. 1 to 255 bytes, any but NUL.
/// Specification "fdholder", sections 4 and 5.
/// </summary>
internal static class HeldName
{
    internal const int Longest = 255;

    /// <summary>The bytes that a name takes in a message.</summary>
    internal static int SizeOf(ReadOnlySpan<byte> name) => 1 + name.Length + 1;

    /// <summary>Reads a name. False when the data don't begin with one.</summary>
    /// <param name="data">The data to read.</param>
    /// <param name="name">The name, a part of the data.</param>
    /// <param name="rest">The data behind the name.</param>
    internal static bool TryRead(ReadOnlySpan<byte> data, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> rest)
    {
        name = default;
        rest = default;
        if (data.IsEmpty || data[0] == 0 || data.Length < 1 + data[0] + 1)
            return false;
        name = data.Slice(1, data[0]);
        rest = data[(1 + name.Length)..];
        bool valid = rest[0] == 0 && name.IndexOf((byte)0) < 0;
        rest = rest[1..];
        return valid;
    }

    /// <summary>Writes a name, of at most 255 bytes, to the start of the destination.</summary>
    internal static void Write(ReadOnlySpan<byte> name, Span<byte> destination)
    {
        destination[0] = (byte)name.Length;
        name.CopyTo(destination[1..]);
        destination[1 + name.Length] = 0;
    }
}
