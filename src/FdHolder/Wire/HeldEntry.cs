using System;
using System.Runtime.CompilerServices;
using LocalService.Posix;

namespace LocalService.FdHolder;

/// <summary>
/// A held descriptor as messages describe it, <c>tai(12) n:u8 name[n] NUL</c>: the content of a store, and an element of dumps. The descriptor itself
/// is sent beside the message. Specification "fdholder", section 5.
/// </summary>
internal readonly ref struct HeldEntry(TaiDate expiry, ReadOnlySpan<byte> name)
{
    /// <summary>The size of an entry with the longest name.</summary>
    internal const int LargestSize = TaiDate.PackedSize + 1 + HeldName.Longest + 1;

    internal TaiDate Expiry { get; } = expiry;

    internal ReadOnlySpan<byte> Name { get; } = name;

    /// <summary>The bytes that the entry takes in a message.</summary>
    internal int Size => TaiDate.PackedSize + HeldName.SizeOf(Name);

    /// <summary>Reads an entry. False when the data don't begin with one.</summary>
    /// <param name="data">The data to read.</param>
    /// <param name="entry">The entry; its name is a part of the data.</param>
    /// <param name="rest">The data behind the entry.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static bool TryRead(ReadOnlySpan<byte> data, out HeldEntry entry, out ReadOnlySpan<byte> rest)
    {
        entry = default;
        rest = default;
        if (!TaiDate.TryUnpack(data, out TaiDate expiry) || !HeldName.TryRead(data[TaiDate.PackedSize..], out ReadOnlySpan<byte> name, out rest))
            return false;
        entry = new HeldEntry(expiry, name);
        return true;
    }

    /// <summary>Whether the data are so many entries, one after the other.</summary>
    internal static bool AreEntries(ReadOnlySpan<byte> data, int count)
    {
        for (int i = 0; i < count; i++)
        {
            if (!TryRead(data, out _, out data))
                return false;
        }
        return data.IsEmpty;
    }

    /// <summary>Writes the entry, <see cref="Size"/> bytes, to the start of the destination.</summary>
    internal void Write(Span<byte> destination)
    {
        Expiry.Pack(destination);
        HeldName.Write(Name, destination[TaiDate.PackedSize..]);
    }
}
