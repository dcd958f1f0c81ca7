using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Messages;

/// <summary>Puts the messages without descriptors together that come over a socket or pipe in whatever pieces. Specification "fd-passing", section 2.</summary>
/// <param name="largestData">The most data that a message may have, in bytes; a larger one is EMSGSIZE as soon as its header is there.</param>
internal unsafe struct TextMessageReader(int largestData)
{
    // A message that is announced as larger gets memory as its bytes come.
    private const int SmallestPiece = 2048;
    private const int LargestPiece = 256 * 1024;

    // What a message made larger than this is given back when everything was handled.
    private const int UsualSize = 64 * 1024;

    private ByteBuffer buffer;
    private int start; // of what was not given out, in the buffer
    private int wanted; // bytes that the next message needs and that are not there

    /// <summary>Takes what has come, by one read(2). The message that was given out before is gone then.</summary>
    /// <returns>EAGAIN when nothing has come, EPIPE at the end, ENOMEM, or what is wrong with the descriptor.</returns>
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

    /// <summary>The next whole message, which is there until the reader is asked for anything else.</summary>
    /// <returns>Whether there is one; EMSGSIZE when one is announced that is too large.</returns>
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

    /// <summary>Gives the memory back.</summary>
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
