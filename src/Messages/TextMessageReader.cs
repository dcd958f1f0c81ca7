using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Messages;

/// <summary>
/// Assembles messages without descriptors that arrive over a socket or pipe in any pieces. Specification "fd-passing", section 2.
/// </summary>
/// <param name="largestData">The largest size of a message's data, in bytes; the header of a larger one gives EMSGSIZE.</param>
internal unsafe struct TextMessageReader(int largestData)
{
    // For a larger message, memory is added as its bytes arrive.
    private const int SmallestPiece = 2048;
    private const int LargestPiece = 256 * 1024;

    // A buffer that a message made larger than this is freed once everything is handled.
    private const int UsualSize = 64 * 1024;

    private ByteBuffer buffer;
    private int start; // of the unread messages in the buffer
    private int wanted; // missing bytes of the next message

    /// <summary>Reads available data with one read(2). The previous message is invalid then.</summary>
    /// <returns>EAGAIN if nothing has arrived, EPIPE at the end, ENOMEM, or the error of the descriptor.</returns>
    internal Errno Receive(int descriptor)
    {
        Discard();
        int kept = buffer.Length;
        int piece = wanted < SmallestPiece ? SmallestPiece : wanted > LargestPiece ? LargestPiece : wanted;
        Errno error = buffer.Extend(piece);
        if (error.Failed)
            return error;
        nint size;
        do
            size = libc.read(descriptor, buffer.Pointer + kept, (nuint)piece);
        while (Errno.Interrupted(size));
        error = Errno.Of(size);
        buffer.Truncate(size < 0 ? kept : kept + (int)size);
        return size == 0 ? new Errno(libc.EPIPE) : error;
    }

    /// <summary>The next complete message, valid until the next call to the reader.</summary>
    /// <returns>Whether there is one; EMSGSIZE if the next message is too large.</returns>
    internal Result<bool> Next(out ReadOnlySpan<byte> message)
    {
        message = default;
        ReadOnlySpan<byte> rest = buffer.Content[start..];
        wanted = TextMessageFormat.HeaderSize - rest.Length;
        if (wanted > 0)
            return false;
        ulong length = BigEndian.Read(rest[..TextMessageFormat.HeaderSize]);
        if (length > (ulong)largestData)
            return new Errno(libc.EMSGSIZE);
        int size = TextMessageFormat.HeaderSize + (int)length;
        wanted = size - rest.Length;
        if (wanted > 0)
            return false;
        start += size;
        message = rest[TextMessageFormat.HeaderSize..size];
        return true;
    }

    /// <summary>Frees the memory.</summary>
    internal void Free()
    {
        buffer.Free();
        start = 0;
        wanted = 0;
    }

    private void Discard()
    {
        Span<byte> content = buffer.Content;
        int left = content.Length - start;
        if (left == 0 && start > UsualSize)
        {
            buffer.Free();
        }
        else if (start > 0)
        {
            content[start..].CopyTo(content);
            buffer.Truncate(left);
        }
        start = 0;
    }
}
