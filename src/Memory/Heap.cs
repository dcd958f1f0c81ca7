using LocalService.Libc;

namespace LocalService.Memory;

/// <summary>Small blocks of memory that a server allocates and frees in any order: malloc(3). Large blocks have their own mappings.</summary>
internal static unsafe class Heap
{
    /// <summary>Memory of unspecified content, aligned to 16 bytes. Null if there is not enough.</summary>
    internal static byte* Allocate(nuint size) => (byte*)libc.malloc(size);

    /// <summary>Resizes a block, which may move it. Null if there is no room: the memory is unchanged then.</summary>
    internal static byte* Resize(byte* memory, nuint size) => (byte*)libc.realloc(memory, size);

    /// <summary>Frees a block; null is ignored.</summary>
    internal static void Free(byte* memory) => libc.free(memory);
}
