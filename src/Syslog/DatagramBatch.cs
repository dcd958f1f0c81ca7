using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Syslog;

/// <summary>
/// Receives datagrams, many with one call, and what the kernel reports about each: who has sent it, and how many were lost.
/// </summary>
internal unsafe struct DatagramBatch
{
    private const int MostMessages = 32;
    private const int BufferSize = 64 * 1024;
    private const int NameSize = 32;

    // A control message with the ids of a process, which is larger than one with a number: CMSG_SPACE of cmsg(3).
    private const int ControlSize = 32;
    private const int NumberControlSize = 24;

    // The bytes that are removed from the end of a message anyway don't count: a message isn't cut because of them.
    private const int RoomForEnd = 16;

    private readonly int messageSize;
    private readonly int capacity;
    private readonly libc.mmsghdr* headers;
    private readonly libc.iovec* vectors;
    private readonly byte* names;
    private readonly byte* controls;
    private readonly byte* data;

    // How many headers the kernel may have changed since they were made, and the kind of socket that they were made for.
    private int used;
    private SourceKind madeFor;

    /// <param name="longestMessage">The longest message that fits, in bytes.</param>
    /// <param name="memory">Memory of <see cref="MemoryFor"/> bytes.</param>
    internal DatagramBatch(int longestMessage, byte* memory)
    {
        messageSize = longestMessage + RoomForEnd;
        capacity = CapacityFor(longestMessage);
        headers = (libc.mmsghdr*)memory;
        vectors = (libc.iovec*)(headers + capacity);
        names = (byte*)(vectors + capacity);
        controls = names + capacity * NameSize;
        data = controls + capacity * ControlSize;
        used = capacity;
    }

    /// <summary>The most messages in a batch.</summary>
    internal readonly int Capacity => capacity;

    /// <summary>The most messages in a batch.</summary>
    internal static int CapacityFor(int longestMessage)
    {
        int count = BufferSize / (longestMessage + RoomForEnd);
        if (count < 1)
            return 1;
        return count > MostMessages ? MostMessages : count;
    }

    /// <summary>The memory that a batch takes, in bytes.</summary>
    internal static nuint MemoryFor(int longestMessage)
    {
        int each = sizeof(libc.mmsghdr) + sizeof(libc.iovec) + NameSize + ControlSize + longestMessage + RoomForEnd;
        return (nuint)CapacityFor(longestMessage) * (nuint)each;
    }

    /// <summary>Receives the datagrams that are there, without waiting.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="kind">Its kind, which determines what the kernel adds.</param>
    /// <returns>The number of datagrams; EAGAIN for none.</returns>
    internal Result<int> Receive(int socket, SourceKind kind)
    {
        if (kind != madeFor)
            used = capacity;
        madeFor = kind;
        for (int i = 0; i < used; i++)
        {
            vectors[i] = new libc.iovec { iov_base = data + (long)i * messageSize, iov_len = (nuint)messageSize };
            headers[i].msg_hdr = new libc.msghdr
            {
                msg_name = kind == SourceKind.Network ? names + i * NameSize : null,
                msg_namelen = kind == SourceKind.Network ? NameSize : 0u,
                msg_iov = vectors + i,
                msg_iovlen = 1,
                msg_control = controls + i * ControlSize,
                // The ids come first and fill the buffer, so that the kernel has no room for descriptors that a sender passes.
                msg_controllen = kind == SourceKind.Network ? NumberControlSize : (nuint)ControlSize,
            };
        }
        int count;
        do
            count = libc.recvmmsg(socket, headers, (uint)capacity, libc.MSG_DONTWAIT | libc.MSG_CMSG_CLOEXEC, null);
        while (Errno.Interrupted(count));
        // The kernel may have changed the first header even when nothing has come.
        used = count > 0 ? count : 1;
        return count < 0 ? Errno.Last : count;
    }

    /// <summary>The bytes of a message.</summary>
    internal readonly ReadOnlySpan<byte> Message(int index) => new(data + (long)index * messageSize, (int)headers[index].msg_len);

    /// <summary>Whether a message was longer than its buffer.</summary>
    internal readonly bool IsCut(int index) => (headers[index].msg_hdr.msg_flags & libc.MSG_TRUNC) != 0;

    /// <summary>The sender of a message.</summary>
    internal readonly Sender SenderOf(int index)
    {
        ref libc.msghdr header = ref headers[index].msg_hdr;
        if (header.msg_namelen > 0)
            return Sender.Remote(SocketAddress.FromKernel(header.msg_name, header.msg_namelen));
        var control = (libc.cmsghdr*)header.msg_control;
        bool isKnown = header.msg_controllen >= (nuint)(sizeof(libc.cmsghdr) + sizeof(libc.ucred))
            && control->cmsg_level == libc.SOL_SOCKET
            && control->cmsg_type == libc.SCM_CREDENTIALS;
        return isKnown ? Sender.Local(*(libc.ucred*)(control + 1)) : default;
    }

    /// <summary>How many datagrams the socket has lost altogether, up to this message: SO_RXQ_OVFL, socket(7). It starts again after 2^32.</summary>
    internal readonly uint LostBefore(int index)
    {
        ref libc.msghdr header = ref headers[index].msg_hdr;
        var control = (libc.cmsghdr*)header.msg_control;
        bool isKnown = header.msg_controllen >= (nuint)(sizeof(libc.cmsghdr) + sizeof(uint))
            && control->cmsg_level == libc.SOL_SOCKET
            && control->cmsg_type == libc.SO_RXQ_OVFL;
        return isKnown ? *(uint*)(control + 1) : 0;
    }
}
