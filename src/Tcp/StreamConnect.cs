using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Tcp;

/// <summary>The steps of a connection that is made without waiting, connect(2).</summary>
internal static unsafe class StreamConnect
{
    /// <summary>Starts to connect a socket that is nonblocking and close-on-exec.</summary>
    /// <param name="remote">The address to connect to.</param>
    /// <param name="local">What this end is bound to, if anything; with port 0 the kernel chooses one when it connects.</param>
    /// <param name="binds">Whether it is bound.</param>
    /// <param name="unbindable">Whether binding failed.</param>
    /// <returns>The socket, whose connection may not be made yet; or the error.</returns>
    internal static Result<int> Start(SocketAddress remote, SocketAddress local, bool binds, out bool unbindable)
    {
        unbindable = false;
        using var socket = new Descriptor(libc.socket(remote.Family, libc.SOCK_STREAM | libc.SOCK_CLOEXEC | libc.SOCK_NONBLOCK, 0));
        if (socket.Number < 0)
            return Errno.Last;
        if (binds)
        {
            // Without this option the port would have to differ from those of all connections of this machine, not only of those to the same server.
            // Older kernels don't know it.
            int on = local.Port == 0 ? 1 : 0;
            _ = libc.setsockopt(socket.Number, libc.IPPROTO_IP, libc.IP_BIND_ADDRESS_NO_PORT, &on, sizeof(int));
            Errno unbound = local.Bind(socket.Number);
            unbindable = unbound.Failed;
            if (unbindable)
                return unbound;
        }
        Errno error;
        do
            error = remote.Connect(socket.Number);
        while (error.Is(libc.EINTR));
        return error.Failed && !error.Is(libc.EINPROGRESS) && !error.Is(libc.EALREADY) ? error : socket.Release();
    }

    /// <summary>The result of connecting, once the socket is writable.</summary>
    internal static Errno Finish(int socket)
    {
        int error;
        uint size = sizeof(int);
        return libc.getsockopt(socket, libc.SOL_SOCKET, libc.SO_ERROR, &error, &size) < 0 ? Errno.Last : new Errno(error);
    }
}
