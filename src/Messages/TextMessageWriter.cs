using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Messages;

/// <summary>
/// Messages without descriptors that wait until a socket or pipe takes them, in bounded memory. Specification "fd-passing", section 2.
/// </summary>
/// <param name="mostWaiting">The largest number of bytes, headers included, that may wait.</param>
internal unsafe struct TextMessageWriter(int mostWaiting)
{
    // A larger buffer is freed once no message waits.
    private const int UsualSize = 64 * 1024;

    private ByteBuffer buffer;
    private int sent;

    /// <summary>The number of waiting bytes.</summary>
    internal readonly int Waiting => buffer.Length - sent;

    /// <summary>Adds a message, given in up to two parts. ENOBUFS if too many bytes would wait, ENOMEM: then nothing was added.</summary>
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

    /// <summary>Writes as much as the descriptor takes without waiting.</summary>
    /// <returns>No error when all is written, EAGAIN when bytes still wait, else the error of the descriptor.</returns>
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

    /// <summary>Drops waiting messages, and frees the memory.</summary>
    internal void Free()
    {
        buffer.Free();
        sent = 0;
    }

    // Only when more than half of the buffer is written: each byte is moved once on average.
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
