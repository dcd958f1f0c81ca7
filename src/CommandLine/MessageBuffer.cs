using System;
using LocalService.Posix;

namespace LocalService.CommandLine;

/// <summary>
/// Messages of a role that is run for somebody else, kept until it is known which process they are about. A process id that isn't known
/// yet is a NUL byte in the text: no message holds one otherwise.
/// </summary>
internal unsafe struct MessageBuffer
{
    // Together with the id that is filled in, what a pipe takes in one piece, PIPE_BUF.
    private const int Capacity = 4000;

    /// <summary>What stands in a message for the process id that is filled in by <see cref="Write"/>.</summary>
    internal const byte UnknownProcess = 0;

    private int length;
    private fixed byte text[Capacity];

    internal readonly bool IsEmpty => length == 0;

    /// <summary>Adds a part of a message. What doesn't fit is dropped.</summary>
    internal void Add(scoped ReadOnlySpan<byte> part)
    {
        fixed (byte* start = text)
        {
            var rest = new Span<byte>(start + length, Capacity - length);
            if (part.Length > rest.Length)
                part = part[..rest.Length];
            part.CopyTo(rest);
            length += part.Length;
        }
    }

    /// <summary>Writes all messages to descriptor 2 and forgets them.</summary>
    /// <param name="processId">The process that they are about.</param>
    internal void Write(int processId)
    {
        if (length == 0)
            return;
        Span<byte> buffer = stackalloc byte[Capacity + Line.BufferSize];
        var line = new Line(Libc.libc.STDERR_FILENO, buffer);
        fixed (byte* start = text)
        {
            var rest = new ReadOnlySpan<byte>(start, length);
            for (int end = rest.IndexOf(UnknownProcess); end >= 0; end = rest.IndexOf(UnknownProcess))
            {
                line.Add(rest[..end]);
                line.Add((ulong)processId);
                rest = rest[(end + 1)..];
            }
            line.Add(rest);
        }
        line.Flush();
        length = 0;
    }
}
