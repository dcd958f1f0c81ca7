using LocalService.Libc;

namespace LocalService.Posix;

/// <summary>Private zeroed memory straight from the kernel, mmap(2), which can be given back. For what a server keeps while it runs.</summary>
internal static unsafe class MappedMemory
{
    /// <summary>Maps memory, zeroed and page-aligned. Null when there is none (ENOMEM).</summary>
    internal static void* Map(nuint size)
    {
        void* memory = libc.mmap(null, size, libc.PROT_READ | libc.PROT_WRITE, libc.MAP_PRIVATE | libc.MAP_ANONYMOUS, -1, 0);
        return (nint)memory == libc.MAP_FAILED ? null : memory;
    }

    /// <summary>Changes the size of mapped memory, which may move it. Null when there is no room (ENOMEM); the memory is as before then.</summary>
    internal static void* Resize(void* memory, nuint oldSize, nuint newSize)
    {
        void* resized = libc.mremap(memory, oldSize, newSize, libc.MREMAP_MAYMOVE);
        return (nint)resized == libc.MAP_FAILED ? null : resized;
    }

    /// <summary>Gives back what <see cref="Map"/> gave.</summary>
    internal static void Unmap(void* memory, nuint size) => _ = libc.munmap(memory, size);
}
