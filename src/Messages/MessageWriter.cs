using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Messages;

/// <summary>
/// Messages on their way into a socket that may take them in pieces. A message sent in part continues where it stopped (decision 17).
/// Specification "fd-passing", section 1.3.
/// </summary>
/// <example><c>Begin</c>, any number of <c>Add</c>, <c>End</c>; then <c>Flush</c> as long as it returns EAGAIN.</example>
internal unsafe struct MessageWriter
{
    /// <summary>The largest number of waiting bytes that still allows another message behind them.</summary>
    internal const int MostWaiting = 64 * 1024;

    // From this size on, it is worth moving the waiting bytes to the front.
    private const int ManySent = 16 * 1024;

    private ByteBuffer buffer;
    private int sent;
    private int start; // of the last message begun
    private int descriptorCount;
    private fixed int descriptors[MessageFormat.MostDescriptors];

    /// <summary>Whether everything was sent.</summary>
    internal readonly bool IsIdle => sent == buffer.Length;

    /// <summary>Whether the descriptors of the message are no longer needed: they went out with its first byte.</summary>
    internal readonly bool IsUnderWay => sent > 0;

    /// <summary>
    /// Whether there is room for a message without descriptors behind the waiting ones: their descriptors are sent, and they aren't too long.
    /// </summary>
    internal readonly bool HasRoomBehind => buffer.Length - sent <= MostWaiting && (descriptorCount == 0 || sent > 0);

    /// <summary>Starts a message. The unsent rest of earlier ones is dropped. ENOMEM.</summary>
    internal Errno Begin()
    {
        Reset();
        return buffer.Extend(MessageFormat.HeaderSize);
    }

    /// <summary>
    /// Starts a message behind the waiting ones. They must leave room for it, and it may have descriptors only if no message waits. ENOMEM.
    /// </summary>
    internal Errno BeginBehind()
    {
        if (IsIdle)
            return Begin();
        if (!HasRoomBehind)
            Abandon.InternalInconsistency();
        descriptorCount = 0;
        if (sent >= ManySent)
            MoveToFront();
        start = buffer.Length;
        return buffer.Extend(MessageFormat.HeaderSize);
    }

    /// <summary>Adds data. ENOMEM.</summary>
    internal Errno Add(scoped ReadOnlySpan<byte> data) => buffer.Add(data);

    /// <summary>Adds a byte of data. ENOMEM.</summary>
    internal Errno Add(byte data) => buffer.Add(data);

    /// <summary>Adds a 32-bit number, big-endian, to the data. ENOMEM.</summary>
    internal Errno AddNumber(uint number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BigEndian.Write(bytes, number);
        return buffer.Add(bytes);
    }

    /// <summary>
    /// Adds a descriptor, which the caller keeps and must leave open until <see cref="IsUnderWay"/>. EINVAL for a negative number, EPROTO
    /// when there are too many.
    /// </summary>
    internal Errno AddDescriptor(int descriptor)
    {
        if (descriptor < 0)
            return new Errno(libc.EINVAL);
        if (descriptorCount == MessageFormat.MostDescriptors)
            return new Errno(libc.EPROTO);
        descriptors[descriptorCount++] = descriptor;
        return default;
    }

    /// <summary>Completes the message. EPROTO when it is too large.</summary>
    internal Errno End()
    {
        int length = buffer.Length - start - MessageFormat.HeaderSize;
        if (length > MessageFormat.LargestData)
            return new Errno(libc.EPROTO);
        Span<byte> header = buffer.Content.Slice(start, MessageFormat.HeaderSize);
        BigEndian.Write(header[..4], (uint)length);
        BigEndian.Write(header[4..], (uint)descriptorCount);
        return default;
    }

    /// <summary>Sends as much as the socket takes without waiting.</summary>
    /// <returns>No error when all is sent, EAGAIN when there is more to send, else the error of the socket.</returns>
    internal Errno Flush(int socket)
    {
        while (!IsIdle)
        {
            nint size = SendSome(socket);
            if (size >= 0)
                sent += (int)size;
            else if (libc.errno != libc.EINTR)
                return Errno.Last;
        }
        return default;
    }

    /// <summary>Drops unsent data, and keeps the memory.</summary>
    internal void Reset()
    {
        buffer.Clear();
        sent = 0;
        start = 0;
        descriptorCount = 0;
    }

    /// <summary>Drops unsent data, and frees the memory.</summary>
    internal void Free()
    {
        Reset();
        buffer.Free();
    }

    private void MoveToFront()
    {
        Span<byte> content = buffer.Content;
        content[sent..].CopyTo(content);
        buffer.Truncate(content.Length - sent);
        sent = 0;
    }

    private readonly nint SendSome(int socket)
    {
        nint* control = stackalloc nint[ControlMessage.Words];
        var vector = new libc.iovec { iov_base = buffer.Pointer + sent, iov_len = (nuint)(buffer.Length - sent) };
        var message = new libc.msghdr { msg_iov = &vector, msg_iovlen = 1 };
        fixed (int* numbers = descriptors)
        {
            if (sent == 0 && descriptorCount > 0)
                ControlMessage.Attach(control, new ReadOnlySpan<int>(numbers, descriptorCount), ref message);
        }
        return libc.sendmsg(socket, &message, libc.MSG_DONTWAIT | libc.MSG_NOSIGNAL);
    }
}
