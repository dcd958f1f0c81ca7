using System;
using System.Runtime.CompilerServices;

namespace LocalService.Posix;

/// <summary>
/// Memory that lives until the process ends or becomes another program: command lines, environments, what a role reads at start.
/// Nothing is ever given back, so nothing that happens once a connection may use it. Not for several threads.
/// </summary>
internal static unsafe class Arena
{
    private const nuint ChunkSize = 64 * 1024;
    private const nuint Alignment = 16;

    // What most chains of programs need. It lies in the page that the process has written to anyway, beside the other variables:
    // no mmap(2), no further page, 3 % of the start of a role that only becomes another program.
    private const int FirstChunkSize = 2048;

#pragma warning disable CS0649 // only its address is used
    private static FirstChunk first;
#pragma warning restore CS0649
    private static byte* next;
    private static nuint left;

    /// <summary>Zeroed memory, aligned to 16 bytes. When there is none the process ends with exit code 111.</summary>
    internal static byte* Allocate(nuint size)
    {
        if (size > nuint.MaxValue - ChunkSize)
            Abandon.OutOfMemory();
        size = (size + Alignment - 1) & ~(Alignment - 1);
        if (size > left)
            Refill(size);
        byte* memory = next;
        next += size;
        left -= size;
        return memory;
    }

    /// <summary>A zeroed list of pointers.</summary>
    internal static byte** AllocatePointers(int count) => (byte**)Allocate((nuint)count * (nuint)sizeof(byte*));

    /// <summary>A copy of the bytes, ended by NUL.</summary>
    internal static byte* CString(ReadOnlySpan<byte> text) => CString(text, default);

    /// <summary>The two byte strings joined and ended by NUL.</summary>
    internal static byte* CString(ReadOnlySpan<byte> text, ReadOnlySpan<byte> more) => CString(text, more, default);

    /// <summary>The three byte strings joined and ended by NUL.</summary>
    internal static byte* CString(ReadOnlySpan<byte> text, ReadOnlySpan<byte> more, ReadOnlySpan<byte> last)
    {
        int length = text.Length + more.Length + last.Length;
        byte* copy = Allocate((nuint)length + 1);
        var target = new Span<byte>(copy, length);
        text.CopyTo(target);
        more.CopyTo(target[text.Length..]);
        last.CopyTo(target[(text.Length + more.Length)..]);
        return copy;
    }

    private static void Refill(nuint size)
    {
        if (next == null && size <= FirstChunkSize)
        {
            next = (byte*)(((nuint)Unsafe.AsPointer(ref first) + Alignment - 1) & ~(Alignment - 1));
            left = FirstChunkSize;
            return;
        }
        nuint chunk = size > ChunkSize ? size : ChunkSize;
        void* memory = MappedMemory.Map(chunk);
        if (memory == null)
            Abandon.OutOfMemory();
        next = (byte*)memory;
        left = chunk;
    }

    // Of long, with room to align: the first multiple of the alignment in it is where it starts.
    [InlineArray((FirstChunkSize + (int)Alignment) / sizeof(long))]
    private struct FirstChunk
    {
        private long element;
    }
}
