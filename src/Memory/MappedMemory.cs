using LocalService.Libc;

namespace LocalService.Memory;

/// <summary>Private zeroed memory straight from the kernel, mmap(2), which can be given back. For what a server keeps while it runs.</summary>
internal static unsafe class MappedMemory
{
    /// <summary>Maps memory, zeroed and page-aligned. Null when there is none (ENOMEM).</summary>
    internal static void* Map(nuint size)
    {
        void* memory = LibC.mmap(null, (size_t)size, LibC.PROT_READ | LibC.PROT_WRITE, LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS, -1, 0);
        return memory == LibC.MAP_FAILED ? null : memory;
    }

    /// <summary>Changes the size of mapped memory, which may move it. Null when there is no room (ENOMEM); the memory is as before then.</summary>
    internal static void* Resize(void* memory, nuint oldSize, nuint newSize)
    {
        void* resized = LibC.mremap(memory, (size_t)oldSize, (size_t)newSize, LibC.MREMAP_MAYMOVE, null);
        return resized == LibC.MAP_FAILED ? null : resized;
    }

    /// <summary>Gives back what <see cref="Map"/> gave.</summary>
    internal static void Unmap(void* memory, nuint size) => _ = LibC.munmap(memory, (size_t)size);
}
