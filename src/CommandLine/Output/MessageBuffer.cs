using System;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.CommandLine;

/// <summary>
/// Messages of a role that a server runs, kept until the process they are about is known. A NUL byte in the text stands for the process id:
/// messages contain no other NUL. Each line is written by itself, so that it doesn't mix with the lines of other writers.
/// </summary>
internal unsafe struct MessageBuffer
{
    // Together with the inserted id and a newline, this is what a pipe takes in one piece, PIPE_BUF.
    private const int Capacity = 4000;

    /// <summary>The placeholder for the process id in a message, which <see cref="Write"/> replaces.</summary>
    internal const byte UnknownProcess = 0;

    private int length;
    private bool isFull;
    private fixed byte text[Capacity];

    /// <summary>The line, a C string, that the client gets when it is refused; null: none. It is cleared with the messages.</summary>
    internal CString Farewell;

    internal readonly bool IsEmpty => length == 0;

    /// <summary>Adds a part of a message. If it doesn't fit, the excess is dropped, and so are all later parts.</summary>
    internal void Add(scoped ReadOnlySpan<byte> part)
    {
        if (isFull)
            return;
        fixed (byte* start = text)
        {
            var rest = new Span<byte>(start + length, Capacity - length);
            isFull = part.Length > rest.Length;
            if (isFull)
                part = part[..rest.Length];
            part.CopyTo(rest);
            length += part.Length;
        }
    }

    /// <summary>Forgets all messages.</summary>
    internal void Clear()
    {
        length = 0;
        isFull = false;
        Farewell = null;
    }

    /// <summary>Writes all messages to descriptor 2 and forgets them.</summary>
    /// <param name="processId">The process that they are about.</param>
    internal void Write(int processId)
    {
        fixed (byte* start = text)
        {
            for (var rest = new ReadOnlySpan<byte>(start, length); !rest.IsEmpty;)
            {
                int end = rest.IndexOf((byte)'\n');
                WriteLine(end < 0 ? rest : rest[..end], processId);
                rest = end < 0 ? default : rest[(end + 1)..];
            }
        }
        Clear();
    }

    private static void WriteLine(ReadOnlySpan<byte> text, int processId)
    {
        var line = new Line(Libc.libc.STDERR_FILENO, stackalloc byte[Capacity + Numbers.LongestText + 1]);
        for (int end = text.IndexOf(UnknownProcess); end >= 0; end = text.IndexOf(UnknownProcess))
        {
            line.Add(text[..end]);
            line.Add((ulong)processId);
            text = text[(end + 1)..];
        }
        line.Add(text);
        line.End();
    }
}
