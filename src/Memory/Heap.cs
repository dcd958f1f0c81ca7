using LocalService.Libc;

namespace LocalService.Memory;

/// <summary>Small pieces of memory that a server takes and gives back in no order: malloc(3). What is large has mappings of its own.</summary>
internal static unsafe class Heap
{
    /// <summary>Memory of unspecified content, aligned to 16 bytes. Null when there is none.</summary>
    internal static byte* Allocate(nuint size) => (byte*)libc.malloc(size);

    /// <summary>Changes the size, which may move it. Null when there is no room: the memory is as before then.</summary>
    internal static byte* Resize(byte* memory, nuint size) => (byte*)libc.realloc(memory, size);

    /// <summary>Gives memory back; null is none.</summary>
    internal static void Free(byte* memory) => libc.free(memory);
}
