using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;

namespace LocalService.Memory;

/// <summary>
/// Bytes in separate memory that grows as needed and is kept when the buffer is cleared: for data that a long-lived process reads again and
/// again. It starts without memory; <see cref="Free"/> releases it.
/// </summary>
internal unsafe struct ByteBuffer
{
    private const int FirstCapacity = 16 * 1024;

    private byte* memory;
    private int capacity;
    private int length;
    private bool isBorrowed; // the memory doesn't belong to this buffer, which can't free it

    /// <summary>
    /// A buffer for a process that ends soon: its first memory comes from the <see cref="Arena"/>, without a system call. It allocates separate
    /// memory only if that isn't enough.
    /// </summary>
    /// <param name="size">The usual size in bytes.</param>
    internal static ByteBuffer InArena(int size) =>
        new() { memory = Arena.Allocate((nuint)size), capacity = size, isBorrowed = true };

    internal readonly int Length => length;

    /// <summary>The content. The next addition may move it.</summary>
    internal readonly Span<byte> Content => new(memory, length);

    /// <summary>The same as a pointer, null if nothing was ever added.</summary>
    internal readonly byte* Pointer => memory;

    /// <summary>Adds bytes at the end. ENOMEM if there is not enough memory, or the buffer would exceed 2 GiB: then it is unchanged.</summary>
    internal Errno Add(scoped ReadOnlySpan<byte> bytes)
    {
        int start = length;
        Errno error = Extend(bytes.Length);
        if (!error.Failed)
            bytes.CopyTo(Content[start..]);
        return error;
    }

    /// <summary>Adds one byte at the end.</summary>
    internal Errno Add(byte single) => Add(new ReadOnlySpan<byte>(in single));

    /// <summary>Adds a number of bytes of unspecified content at the end, for the caller to fill.</summary>
    internal Errno Extend(int count)
    {
        long needed = (long)length + count;
        if (needed > capacity)
        {
            Errno error = Grow(needed);
            if (error.Failed)
                return error;
        }
        length = (int)needed;
        return default;
    }

    /// <summary>Keeps the first bytes and drops the rest.</summary>
    internal void Truncate(int newLength)
    {
        if ((uint)newLength > (uint)length)
            Abandon.InternalInconsistency();
        length = newLength;
    }

    /// <summary>Drops the content and keeps the memory.</summary>
    internal void Clear() => length = 0;

    /// <summary>Frees the memory. The buffer is like new then.</summary>
    internal void Free()
    {
        if (memory != null && !isBorrowed)
            MappedMemory.Unmap(memory, (nuint)capacity);
        this = default;
    }

    private Errno Grow(long needed)
    {
        long wanted = capacity == 0 || isBorrowed ? FirstCapacity : capacity;
        while (wanted < needed)
            wanted *= 2;
        if (wanted > int.MaxValue)
            return new Errno(libc.ENOMEM);
        void* grown = memory == null || isBorrowed
            ? MappedMemory.Map((nuint)wanted)
            : MappedMemory.Resize(memory, (nuint)capacity, (nuint)wanted);
        if (grown == null)
            return new Errno(libc.ENOMEM);
        if (isBorrowed)
            Content.CopyTo(new Span<byte>(grown, length));
        isBorrowed = false;
        memory = (byte*)grown;
        capacity = (int)wanted;
        return default;
    }
}
