using System;
using LocalService.Errors;
using LocalService.Memory;

namespace LocalService.Memory;

/// <summary>
/// Memory that is allocated piece by piece and freed as a whole, <see cref="Reset"/>. It comes from the kernel in chunks. A reset keeps
/// the last one, and the next chunk is as large as all chunks of the last use together: a region that is used for the same work again and again
/// soon makes no more system calls. Not thread-safe.
/// </summary>
internal unsafe struct Region
{
    private const nuint ChunkSize = 64 * 1024;
    private const nuint Alignment = 16;

    private Chunk* chunk;
    private nuint used;
    private nuint together; // the size of all chunks, after a use that took several

    /// <summary>The start of a chunk; the allocations follow.</summary>
    private struct Chunk
    {
        internal Chunk* Previous;
        internal nuint Size;
    }

    /// <summary>Whether it has no memory yet.</summary>
    internal readonly bool IsEmpty => chunk == null;

    /// <summary>Gives an empty region a first chunk, which still belongs to the caller: such a region may not be reset.</summary>
    /// <param name="memory">Zeroed memory, aligned to 8 bytes.</param>
    /// <param name="size">Its size in bytes, at least 64.</param>
    internal void StartWith(byte* memory, nuint size)
    {
        nuint unaligned = (nuint)memory & (Alignment - 1);
        nuint skipped = unaligned == 0 ? 0 : Alignment - unaligned;
        chunk = (Chunk*)(memory + skipped);
        chunk->Size = size - skipped;
        used = Alignment; // the chunk's own words
    }

    /// <summary>
    /// Makes sure that allocations of this many bytes in total, each of at least 16, can't fail. ENOMEM if there is not enough memory.
    /// </summary>
    internal Errno Ensure(nuint size)
    {
        nuint needed = size * 2; // for the alignment of the smallest allocations
        if (chunk != null && chunk->Size - used >= needed)
            return default;
        nuint total = needed + Alignment > ChunkSize ? needed + Alignment : ChunkSize;
        if (total < together)
            total = together;
        var added = size > nuint.MaxValue / 4 ? null : (Chunk*)MappedMemory.Map(total);
        if (added == null)
            return new Errno(Libc.libc.ENOMEM);
        added->Previous = chunk;
        added->Size = total;
        chunk = added;
        used = Alignment; // the chunk's own words
        return default;
    }

    /// <summary>Memory aligned to 16 bytes. It is zeroed only in a region that was never reset. Without memory the process ends.</summary>
    internal byte* Allocate(nuint size)
    {
        nuint aligned = (size + Alignment - 1) & ~(Alignment - 1);
        if (aligned < size || chunk == null || chunk->Size - used < aligned)
        {
            if (Ensure(aligned).Failed)
                Abandon.OutOfMemory();
        }
        byte* memory = (byte*)chunk + used;
        used += aligned;
        return memory;
    }

    /// <summary>Frees all allocations.</summary>
    internal void Reset()
    {
        if (chunk == null)
            return;
        if (chunk->Previous != null)
            together = chunk->Size;
        for (Chunk* smaller = chunk->Previous; smaller != null;)
        {
            Chunk* previous = smaller->Previous;
            together += smaller->Size;
            MappedMemory.Unmap(smaller, smaller->Size);
            smaller = previous;
        }
        chunk->Previous = null;
        used = Alignment;
    }
}
