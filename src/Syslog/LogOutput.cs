using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;
using LocalService.Streams;

namespace LocalService.Syslog;

/// <summary>Lines on their way to standard output: as many as fit, without waiting for their reader.</summary>
internal unsafe struct LogOutput
{
    // Only the part that is filled between two writes is used; the rest takes no memory.
    private const int SmallestCapacity = 1024 * 1024;

    // Beyond this, in bytes, what a slow reader made the buffer take is given back when the reader has caught up. A multiple of the largest page size of
    // the architectures.
    private const int KeptCapacity = 64 * 1024;

    private readonly byte* memory;
    private readonly int capacity;
    private Endpoint endpoint;
    private int start;
    private int end;
    private bool hasGrown; // beyond KeptCapacity

    private LogOutput(Endpoint endpoint, byte* memory, int capacity)
    {
        this.endpoint = endpoint;
        this.memory = memory;
        this.capacity = capacity;
    }

    /// <summary>Whether everything was written.</summary>
    internal readonly bool IsEmpty => start == end;

    /// <summary>The number of the descriptor.</summary>
    internal readonly int Number => endpoint.Number;

    /// <summary>Takes standard output.</summary>
    /// <param name="longestLine">The most bytes that a line has; there is room for two at least.</param>
    /// <param name="output">Gets it.</param>
    internal static Errno Open(int longestLine, out LogOutput output)
    {
        output = default;
        Result<Endpoint> endpoint = Endpoint.Of(libc.STDOUT_FILENO);
        if (endpoint.Failed)
            return endpoint.Error;
        int capacity = 2 * longestLine > SmallestCapacity ? 2 * longestLine : SmallestCapacity;
        void* memory = MappedMemory.Map((nuint)capacity);
        if (memory == null)
            return new Errno(libc.ENOMEM);
        output = new LogOutput(endpoint.Value, (byte*)memory, capacity);
        return default;
    }

    /// <summary>Whether this many bytes can be added.</summary>
    internal readonly bool HasRoom(int size) => capacity - (end - start) >= size;

    /// <summary>The room for up to this many bytes, after <see cref="HasRoom"/>; then tell <see cref="Add"/> how many were written.</summary>
    internal Span<byte> Room(int size)
    {
        if (capacity - end < size)
        {
            new ReadOnlySpan<byte>(memory + start, end - start).CopyTo(new Span<byte>(memory, capacity));
            end -= start;
            start = 0;
        }
        return new Span<byte>(memory + end, capacity - end)[..size];
    }

    internal void Add(int length)
    {
        end += length;
        hasGrown |= end > KeptCapacity;
    }

    /// <summary>Writes what can be written at once.</summary>
    /// <returns>EAGAIN when something is left.</returns>
    internal Errno Write()
    {
        while (start < end)
        {
            if (endpoint.NeedsPoll && !CanWrite())
                return new Errno(libc.EAGAIN);
            Result<int> written = endpoint.Write(new ReadOnlySpan<byte>(memory + start, end - start));
            // A write that has just changed its method returns EAGAIN as well: poll(2) tells whether there is room.
            if (written.Error.Is(libc.EAGAIN) && endpoint.NeedsPoll && CanWrite())
                continue;
            if (written.Failed)
                return written.Error;
            start += written.Value;
        }
        if (hasGrown)
            MappedMemory.Discard(memory + KeptCapacity, (nuint)(capacity - KeptCapacity));
        hasGrown = false;
        start = 0;
        end = 0;
        return default;
    }

    private readonly bool CanWrite()
    {
        var watched = new pollfd { fd = endpoint.Number, events = LibC.POLLOUT };
        return LibC.poll(&watched, 1, 0) > 0;
    }
}
