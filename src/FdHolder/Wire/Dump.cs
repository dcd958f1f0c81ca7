using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.FdHolder;

/// <summary>Everything that a holder holds, or is to hold: entries in the format of messages, and a descriptor for each.</summary>
internal unsafe struct Dump
{
    private ByteBuffer entries;
    private ByteBuffer descriptors; // an int each

    internal readonly int Count => descriptors.Length / sizeof(int);

    /// <summary>The entries, one after the other, <see cref="HeldEntry"/>.</summary>
    internal readonly ReadOnlySpan<byte> Entries => entries.Content;

    /// <summary>The descriptors in the order of the entries.</summary>
    internal readonly ReadOnlySpan<int> Descriptors => new(descriptors.Pointer, Count);

    /// <summary>Adds an entry. ENOMEM.</summary>
    internal Errno Add(HeldEntry entry, int descriptor)
    {
        Span<byte> written = stackalloc byte[HeldEntry.LargestSize];
        entry.Write(written);
        Errno error = Add(written[..entry.Size], 1, out Span<int> room);
        if (!error.Failed)
            room[0] = descriptor;
        return error;
    }

    /// <summary>Adds entries in the format of messages. ENOMEM.</summary>
    /// <param name="written">The entries.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="room">Where the caller has to put their descriptors.</param>
    internal Errno Add(scoped ReadOnlySpan<byte> written, int count, out Span<int> room)
    {
        int before = Count;
        Errno error = entries.Add(written) && descriptors.Extend(count * sizeof(int));
        room = error.Failed ? default : new Span<int>(descriptors.Pointer, Count)[before..];
        return error;
    }

    /// <summary>Leaves the descriptors open for the next program, under the numbers that they have.</summary>
    internal readonly void HandDown()
    {
        foreach (int descriptor in Descriptors)
            _ = LibC.fcntl(descriptor, LibC.F_SETFD, 0);
    }

    /// <summary>Closes the descriptors.</summary>
    internal readonly void CloseDescriptors()
    {
        foreach (int descriptor in Descriptors)
            _ = libc.close(descriptor);
    }

    /// <summary>Gives the memory back. The descriptors stay as they are.</summary>
    internal void Free()
    {
        entries.Free();
        descriptors.Free();
    }
}
