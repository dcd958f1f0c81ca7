using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Messages;

/// <summary>
/// Messages without descriptors that wait until a socket or pipe takes them, in bounded memory. Specification "fd-passing", section 2.
/// </summary>
/// <param name="mostWaiting">The most bytes, headers included, that may wait.</param>
internal unsafe struct TextMessageWriter(int mostWaiting)
{
    // More memory than this is given back when nothing waits any more.
    private const int UsualSize = 64 * 1024;

    private ByteBuffer buffer;
    private int sent;

    /// <summary>How many bytes wait.</summary>
    internal readonly int Waiting => buffer.Length - sent;

    /// <summary>Adds a message, given in up to two parts. ENOBUFS when too much would wait, ENOMEM: then nothing was added.</summary>
    internal Errno Add(scoped ReadOnlySpan<byte> data, scoped ReadOnlySpan<byte> more = default)
    {
        int size = TextMessageFormat.HeaderSize + data.Length + more.Length;
        if (size > mostWaiting - Waiting)
            return new Errno(libc.ENOBUFS);
        MoveToFront();
        int start = buffer.Length;
        Errno error = buffer.Extend(size);
        if (error.Failed)
            return error;
        Span<byte> message = buffer.Content[start..];
        BigEndian.Write(message[..TextMessageFormat.HeaderSize], (uint)(size - TextMessageFormat.HeaderSize));
        data.CopyTo(message[TextMessageFormat.HeaderSize..]);
        more.CopyTo(message[(TextMessageFormat.HeaderSize + data.Length)..]);
        return default;
    }

    /// <summary>Writes what the descriptor takes without waiting.</summary>
    /// <returns>No error when nothing waits any more, EAGAIN when something does, else what is wrong with the descriptor.</returns>
    internal Errno Flush(int descriptor)
    {
        while (Waiting > 0)
        {
            nint size = libc.write(descriptor, buffer.Pointer + sent, (nuint)Waiting);
            if (size >= 0)
                sent += (int)size;
            else if (libc.errno != libc.EINTR)
                return Errno.Last;
        }
        if (sent > UsualSize)
            buffer.Free();
        else
            buffer.Clear();
        sent = 0;
        return default;
    }

    /// <summary>Forgets what waits, and gives the memory back.</summary>
    internal void Free()
    {
        buffer.Free();
        sent = 0;
    }

    // When more than half of the buffer is out: each byte is moved once on average.
    private void MoveToFront()
    {
        if (sent <= buffer.Length / 2)
            return;
        Span<byte> content = buffer.Content;
        content[sent..].CopyTo(content);
        buffer.Truncate(Waiting);
        sent = 0;
    }
}
