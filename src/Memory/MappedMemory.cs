using LocalService.Libc;

namespace LocalService.Memory;

/// <summary>Private zeroed memory straight from the kernel, mmap(2), which can be freed. For long-lived data of a server.</summary>
internal static unsafe class MappedMemory
{
    /// <summary>Maps memory, zeroed and page-aligned. Null if there is not enough (ENOMEM).</summary>
    internal static void* Map(nuint size)
    {
        void* memory = LibC.mmap(null, (size_t)size, LibC.PROT_READ | LibC.PROT_WRITE, LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS, -1, 0);
        return memory == LibC.MAP_FAILED ? null : memory;
    }

    /// <summary>Resizes mapped memory, which may move it. Null if there is no room (ENOMEM); the memory is unchanged then.</summary>
    internal static void* Resize(void* memory, nuint oldSize, nuint newSize)
    {
        void* resized = LibC.mremap(memory, (size_t)oldSize, (size_t)newSize, LibC.MREMAP_MAYMOVE, null);
        return resized == LibC.MAP_FAILED ? null : resized;
    }

    /// <summary>Gives the pages of a part back, madvise(2). The part stays mapped, and reads as zero.</summary>
    /// <param name="start">Where it begins, at a multiple of the page size.</param>
    /// <param name="size">Its size in bytes.</param>
    internal static void Discard(void* start, nuint size) => _ = LibC.madvise(start, (size_t)size, LibC.MADV_DONTNEED);

    /// <summary>Frees memory from <see cref="Map"/>.</summary>
    internal static void Unmap(void* memory, nuint size) => _ = LibC.munmap(memory, (size_t)size);
}
