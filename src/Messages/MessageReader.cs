using System;
using System.Runtime.CompilerServices;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Messages;

/// <summary>
/// Puts the messages together that come over a socket in whatever pieces. It owns the descriptors until they are taken from a message, and
/// must not be moved in memory while a message of it is in use. Specification "fd-passing", section 1.4, with section 5.
/// </summary>
/// <param name="largestData">The most data that a message may have, in bytes; a larger one is EPROTO as soon as its header is there.</param>
/// <param name="mostDescriptors">The most descriptors that a message may have.</param>
internal unsafe struct MessageReader(int largestData, int mostDescriptors)
{
    // A message that is announced as larger gets memory as its bytes come.
    private const int SmallestPiece = 2048;
    private const int LargestPiece = 256 * 1024;

    private ByteBuffer buffer;
    private DescriptorQueue descriptors;
    private int start; // of what was not given out, in the buffer
    private int messageDescriptors; // of the message that was given out last
    private int wanted; // bytes that the message needs and that are not there

    /// <summary>How many descriptors there are of messages that were not given out.</summary>
    internal readonly int WaitingDescriptors => descriptors.Count - messageDescriptors;

    /// <summary>Whether a part of a message is here, and the rest isn't.</summary>
    internal readonly bool IsInMessage => buffer.Length > start || WaitingDescriptors > 0;

    /// <summary>The number of the descriptor that came last, of those that are here; -1 without any.</summary>
    internal readonly int LastDescriptor => descriptors.Last;

    /// <summary>
    /// Takes what has come, by one recvmsg(2) that doesn't wait. The message that was given out before is gone then.
    /// </summary>
    /// <returns>
    /// EAGAIN when nothing has come, EPIPE at the end of the stream, ENOBUFS when the kernel could not give all descriptors, EPROTO when it
    /// gave something else. After any error but the first nothing useful can follow.
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

    /// <summary>The next whole message. The one before is gone, and the descriptors that nobody took from it are closed.</summary>
    /// <returns>Whether there is one; EPROTO when what came is no message, or more descriptors came than were announced, or fewer.</returns>
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
        // Descriptors come with bytes of their message, so that all of them are here; more may belong to the bytes that follow it.
        if (descriptors.Count < announced || (descriptors.Count > announced && wanted == 0))
            return new Errno(libc.EPROTO);
        start = size;
        messageDescriptors = announced;
        message = new Message(
            rest[MessageFormat.HeaderSize..size], (DescriptorQueue*)Unsafe.AsPointer(ref descriptors), announced);
        return true;
    }

    /// <summary>
    /// The first byte of the data of the message that <see cref="Next"/> is going to give; 0 when it has none or is no message, -1 when a part
    /// of it is missing.
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

    /// <summary>Closes the descriptors that nobody took, and is as new. The memory is kept.</summary>
    internal void Reset()
    {
        descriptors.Drop(descriptors.Count);
        messageDescriptors = 0;
        buffer.Clear();
        start = 0;
        wanted = 0;
    }

    /// <summary>Closes the descriptors that nobody took, and gives the memory back.</summary>
    internal void Free()
    {
        Reset();
        buffer.Free();
    }

    /// <summary>
    /// How many bytes to ask for. While descriptors wait for the rest of their message that rest alone: with bytes of the next message its
    /// descriptors would come as well, and there is room for those of one.
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
