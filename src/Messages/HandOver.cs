using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Messages;

/// <summary>A single byte that carries one descriptor over a socket. Specification "fd-passing", section 3.</summary>
internal static unsafe class HandOver
{
    private const byte Mark = (byte)'|';

    /// <summary>Sends a descriptor, which the caller keeps, without waiting. EAGAIN when the socket is full.</summary>
    internal static Errno Send(int socket, int descriptor)
    {
        byte mark = Mark;
        nint* control = stackalloc nint[ControlMessage.Words];
        var vector = new libc.iovec { iov_base = &mark, iov_len = 1 };
        var message = new libc.msghdr { msg_iov = &vector, msg_iovlen = 1 };
        ControlMessage.Attach(control, new ReadOnlySpan<int>(in descriptor), ref message);
        nint size;
        do
            size = libc.sendmsg(socket, &message, libc.MSG_DONTWAIT | libc.MSG_NOSIGNAL);
        while (Errno.Interrupted(size));
        return Errno.Of(size);
    }

    /// <summary>Receives a descriptor, close-on-exec, without waiting. The caller has to close it.</summary>
    /// <returns>The descriptor; EAGAIN if nothing has arrived, EPIPE at the end, ENOBUFS if no number was free, EPROTO for anything else.</returns>
    internal static Result<int> Receive(int socket)
    {
        byte mark;
        nint* control = stackalloc nint[ControlMessage.Words];
        var vector = new libc.iovec { iov_base = &mark, iov_len = 1 };
        var message = new libc.msghdr { msg_iov = &vector, msg_iovlen = 1, msg_control = control, msg_controllen = ControlMessage.Size };
        nint size;
        do
            size = libc.recvmsg(socket, &message, libc.MSG_DONTWAIT | libc.MSG_CMSG_CLOEXEC);
        while (Errno.Interrupted(size));
        if (size < 0)
            return Errno.Last;
        var descriptors = new DescriptorQueue();
        Errno error = ControlMessage.TakeDescriptors(message, ref descriptors);
        if (!error.Failed && size == 0)
            error = new Errno(libc.EPIPE);
        if (!error.Failed && (mark != Mark || descriptors.Count != 1))
            error = new Errno(libc.EPROTO);
        int received = error.Failed ? -1 : descriptors.Take(0);
        descriptors.Drop(descriptors.Count);
        return error.Failed ? error : received;
    }
}
