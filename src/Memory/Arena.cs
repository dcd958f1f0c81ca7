using System;
using System.Runtime.CompilerServices;
using LocalService.Errors;

namespace LocalService.Memory;

/// <summary>
/// Memory that lives until the process ends or becomes another program: command lines, environments, data that a role reads at start.
/// Nothing is ever freed, so code that runs once for each connection must not use it. Not thread-safe.
/// </summary>
internal static unsafe class Arena
{
    // Enough for most chains of programs. It is next to the other variables, in a page that the process has written to anyway:
    // no mmap(2), no further page, 3 % of the start of a role that only becomes another program.
    private const int FirstChunkSize = 2048;

#pragma warning disable CS0649 // only its address is used
    private static FirstChunk first;
#pragma warning restore CS0649
    private static Region region;

    /// <summary>Makes sure that allocations of this many bytes in total can't fail. ENOMEM if there is not enough memory.</summary>
    internal static Errno Ensure(nuint size) => region.Ensure(size);

    /// <summary>Zeroed memory, aligned to 16 bytes. Without memory the process ends with exit code 111.</summary>
    internal static byte* Allocate(nuint size)
    {
        if (region.IsEmpty)
            region.StartWith((byte*)Unsafe.AsPointer(ref first), (nuint)sizeof(FirstChunk));
        return region.Allocate(size);
    }

    /// <summary>The same, but never from the variables of the executable, whose pages are mapped from its file.</summary>
    internal static byte* AllocateAnonymous(nuint size)
    {
        byte* memory = Allocate(size);
        byte* start = (byte*)Unsafe.AsPointer(ref first);
        while (memory >= start && memory < start + sizeof(FirstChunk))
            memory = Allocate(size);
        return memory;
    }

    /// <summary>A list of pointers, all null.</summary>
    internal static byte** AllocatePointers(int count) => default(Allocator).AllocatePointers(count);

    /// <summary>A NUL-terminated copy of the bytes.</summary>
    internal static CString CString(ReadOnlySpan<byte> text) => default(Allocator).CString(text);

    /// <summary>The two byte strings joined, NUL-terminated.</summary>
    internal static CString CString(ReadOnlySpan<byte> text, ReadOnlySpan<byte> more) => default(Allocator).CString(text, more);

    /// <summary>The three byte strings joined, NUL-terminated.</summary>
    internal static CString CString(ReadOnlySpan<byte> text, ReadOnlySpan<byte> more, ReadOnlySpan<byte> last) =>
        default(Allocator).CString(text, more, last);

    [InlineArray(FirstChunkSize / sizeof(long))]
    private struct FirstChunk
    {
        private long element;
    }
}
