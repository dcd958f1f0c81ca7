using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Dns.Resolving;

/// <summary>The socket of one try: bound to an unpredictable port, and connected, so that it receives from the server only (B6).</summary>
internal static unsafe class UdpSocket
{
    private const int Attempts = 10;
    private const ulong FirstPort = 1025;
    private const ulong LastPort = 65534;

    /// <summary>Opens a close-on-exec, nonblocking socket.</summary>
    internal static Result<int> Open(SocketAddress server, ref RandomNumbers random)
    {
        using var socket = new Descriptor(
            libc.socket(server.Family, libc.SOCK_DGRAM | libc.SOCK_CLOEXEC | libc.SOCK_NONBLOCK, 0));
        if (socket.Number < 0)
            return Errno.Last;
        var any = server.Address.IsV4 ? IpAddress.OfV4(0) : IpAddress.OfV6(0, 0);
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            ushort port = (ushort)(FirstPort + random.Next() % (LastPort - FirstPort + 1));
            // If no port is free this way, connecting takes one of the kernel's choice, which is random too.
            if (!SocketAddress.Of(any, port).Bind(socket.Number).Is(libc.EADDRINUSE))
                break;
        }
        Errno error = server.Connect(socket.Number);
        return error.Failed ? error : socket.Release();
    }

    /// <summary>Sends a packet. A packet that can't be sent now counts as lost on the way.</summary>
    internal static Errno Send(int socket, ReadOnlySpan<byte> packet)
    {
        nint sent;
        do
        {
            fixed (byte* start = packet)
                sent = libc.send(socket, start, (nuint)packet.Length, libc.MSG_NOSIGNAL);
        }
        while (Errno.Interrupted(sent));
        Errno error = Errno.Of(sent);
        return error.Number is libc.EAGAIN or libc.ENOBUFS ? default : error;
    }

    /// <summary>Receives a packet.</summary>
    /// <returns>Its length, which may exceed the buffer; EAGAIN when there is none.</returns>
    internal static Result<int> Receive(int socket, Span<byte> buffer)
    {
        nint size;
        do
        {
            fixed (byte* start = buffer)
                size = libc.recv(socket, start, (nuint)buffer.Length, libc.MSG_DONTWAIT | libc.MSG_TRUNC);
        }
        while (Errno.Interrupted(size));
        return size < 0 ? Errno.Last : (int)size;
    }
}
