using System;
using System.Runtime.CompilerServices;
using LocalService.Errors;

namespace LocalService.Memory;

/// <summary>
/// Memory that lives until the process ends or becomes another program: command lines, environments, what a role reads at start.
/// Nothing is ever given back, so nothing that happens once a connection may use it. Not for several threads.
/// </summary>
internal static unsafe class Arena
{
    // What most chains of programs need. It lies in the page that the process has written to anyway, beside the other variables:
    // no mmap(2), no further page, 3 % of the start of a role that only becomes another program.
    private const int FirstChunkSize = 2048;

#pragma warning disable CS0649 // only its address is used
    private static FirstChunk first;
#pragma warning restore CS0649
    private static Region region;

    /// <summary>Makes sure that allocations of this many bytes in all can't fail. ENOMEM when there is no memory.</summary>
    internal static Errno Ensure(nuint size) => region.Ensure(size);

    /// <summary>Zeroed memory, aligned to 16 bytes. When there is none the process ends with exit code 111.</summary>
    internal static byte* Allocate(nuint size)
    {
        if (region.IsEmpty)
            region.StartWith((byte*)Unsafe.AsPointer(ref first), (nuint)sizeof(FirstChunk));
        return region.Allocate(size);
    }

    /// <summary>The same, but never in the variables of the executable, which are a copy of its file.</summary>
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

    /// <summary>A copy of the bytes, ended by NUL.</summary>
    internal static CString CString(ReadOnlySpan<byte> text) => default(Allocator).CString(text);

    /// <summary>The two byte strings joined and ended by NUL.</summary>
    internal static CString CString(ReadOnlySpan<byte> text, ReadOnlySpan<byte> more) => default(Allocator).CString(text, more);

    /// <summary>The three byte strings joined and ended by NUL.</summary>
    internal static CString CString(ReadOnlySpan<byte> text, ReadOnlySpan<byte> more, ReadOnlySpan<byte> last) =>
        default(Allocator).CString(text, more, last);

    [InlineArray(FirstChunkSize / sizeof(long))]
    private struct FirstChunk
    {
        private long element;
    }
}
