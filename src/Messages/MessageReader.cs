using System;
using System.Runtime.CompilerServices;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Messages;

/// <summary>
/// Assembles messages that arrive over a socket in any pieces. It owns the descriptors until they are taken from a message, and
/// must not be moved in memory while one of its messages is in use. Specification "fd-passing", section 1.4, with section 5.
/// </summary>
/// <param name="largestData">The largest size of a message's data, in bytes; the header of a larger one gives EPROTO.</param>
/// <param name="mostDescriptors">The most descriptors that a message may have.</param>
internal unsafe struct MessageReader(int largestData, int mostDescriptors)
{
    // For a larger message, memory is added as its bytes arrive.
    private const int SmallestPiece = 2048;
    private const int LargestPiece = 256 * 1024;

    private ByteBuffer buffer;
    private DescriptorQueue descriptors;
    private int start; // of the unread messages in the buffer
    private int messageDescriptors; // of the last message read
    private int wanted; // missing bytes of the message

    /// <summary>The number of descriptors of unread messages.</summary>
    internal readonly int WaitingDescriptors => descriptors.Count - messageDescriptors;

    /// <summary>Whether a part of a message has arrived, and the rest hasn't.</summary>
    internal readonly bool IsInMessage => buffer.Length > start || WaitingDescriptors > 0;

    /// <summary>The number of the most recent descriptor in the queue; -1 without any.</summary>
    internal readonly int LastDescriptor => descriptors.Last;

    /// <summary>
    /// Receives available data with one recvmsg(2), without waiting. The previous message is invalid then.
    /// </summary>
    /// <returns>
    /// EAGAIN if nothing has arrived, EPIPE at the end of the stream, ENOBUFS if the kernel could not pass all descriptors, EPROTO if it
    /// passed something else. After any error but the first the stream is useless.
    /// </returns>
    internal Errno Receive(int socket)
    {
        Discard();
        int kept = buffer.Length;
        Errno error = buffer.Extend(NextPiece);
        if (error.Failed)
            return error;
        Result<int> received = ReceiveInto(socket, buffer.Content[kept..]);
        buffer.Truncate(received.Failed ? kept : kept + received.Value);
        if (received.Failed)
            return received.Error;
        return received.Value == 0 ? new Errno(libc.EPIPE) : default;
    }

    /// <summary>The next complete message. The previous one is invalid, and its descriptors that weren't taken are closed.</summary>
    /// <returns>Whether there is one; EPROTO for an invalid message, or if the number of descriptors differs from the header.</returns>
    internal Result<bool> Next(out Message message)
    {
        Discard();
        message = default;
        ReadOnlySpan<byte> rest = buffer.Content;
        wanted = MessageFormat.HeaderSize - rest.Length;
        if (wanted > 0)
            return false;
        ulong length = BigEndian.Read(rest[..4]);
        int announced = (int)BigEndian.Read(rest[4..MessageFormat.HeaderSize]);
        if (length > (ulong)largestData || announced > mostDescriptors)
            return new Errno(libc.EPROTO);
        int size = MessageFormat.HeaderSize + (int)length;
        wanted = size - rest.Length;
        if (wanted > 0)
            return false;
        // Descriptors arrive with bytes of their message, so they are all here; surplus ones may belong to the bytes that follow it.
        if (descriptors.Count < announced || (descriptors.Count > announced && wanted == 0))
            return new Errno(libc.EPROTO);
        start = size;
        messageDescriptors = announced;
        message = new Message(
            rest[MessageFormat.HeaderSize..size], (DescriptorQueue*)Unsafe.AsPointer(ref descriptors), announced);
        return true;
    }

    /// <summary>
    /// The first byte of the data of the message that <see cref="Next"/> will return; 0 if it has none or is invalid, -1 if it isn't
    /// complete.
    /// </summary>
    internal readonly int PeekFirst()
    {
        ReadOnlySpan<byte> rest = buffer.Content[start..];
        if (rest.Length < MessageFormat.HeaderSize)
            return -1;
        ulong length = BigEndian.Read(rest[..4]);
        int announced = (int)BigEndian.Read(rest[4..MessageFormat.HeaderSize]);
        if (length == 0 || length > (ulong)largestData || announced > mostDescriptors)
            return 0;
        return rest.Length - MessageFormat.HeaderSize < (int)length ? -1 : rest[MessageFormat.HeaderSize];
    }

    /// <summary>Closes the descriptors that weren't taken, and resets the reader. The memory is kept.</summary>
    internal void Reset()
    {
        descriptors.Drop(descriptors.Count);
        messageDescriptors = 0;
        buffer.Clear();
        start = 0;
        wanted = 0;
    }

    /// <summary>Closes the descriptors that weren't taken, and frees the memory.</summary>
    internal void Free()
    {
        Reset();
        buffer.Free();
    }

    /// <summary>
    /// How many bytes to ask for. While descriptors wait for the rest of their message, only that rest: bytes of the next message would bring
    /// its descriptors along, and there is only room for those of one message.
    /// </summary>
    private readonly int NextPiece
    {
        get
        {
            if (wanted <= 0 || (wanted < SmallestPiece && descriptors.Count == 0))
                return SmallestPiece;
            return wanted > LargestPiece ? LargestPiece : wanted;
        }
    }

    private void Discard()
    {
        if (start == 0)
            return;
        descriptors.Drop(messageDescriptors);
        messageDescriptors = 0;
        Span<byte> content = buffer.Content;
        content[start..].CopyTo(content);
        buffer.Truncate(content.Length - start);
        start = 0;
    }

    private Result<int> ReceiveInto(int socket, Span<byte> target)
    {
        nint* control = stackalloc nint[ControlMessage.Words];
        fixed (byte* data = target)
        {
            var vector = new libc.iovec { iov_base = data, iov_len = (nuint)target.Length };
            var message = new libc.msghdr { msg_iov = &vector, msg_iovlen = 1, msg_control = control, msg_controllen = ControlMessage.Size };
            nint size;
            do
                size = libc.recvmsg(socket, &message, libc.MSG_DONTWAIT | libc.MSG_CMSG_CLOEXEC);
            while (size < 0 && libc.errno == libc.EINTR);
            if (size < 0)
                return Errno.Last;
            Errno error = ControlMessage.TakeDescriptors(message, ref descriptors);
            return error.Failed ? error : (int)size;
        }
    }
}
