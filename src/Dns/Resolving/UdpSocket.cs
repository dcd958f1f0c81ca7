using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Dns.Resolving;

/// <summary>The socket of one try: from a port that nobody can foresee, and connected, so that nobody else than the server is heard (B6).</summary>
internal static unsafe class UdpSocket
{
    private const int Attempts = 10;
    private const ulong FirstPort = 1025;
    private const ulong LastPort = 65534;

    /// <summary>Opens a socket that is close-on-exec and doesn't wait.</summary>
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
            // Where no port is to be had so, connecting takes one of the kernel's choice, which is random too.
            if (!SocketAddress.Of(any, port).Bind(socket.Number).Is(libc.EADDRINUSE))
                break;
        }
        Errno error = server.Connect(socket.Number);
        return error.Failed ? error : socket.Release();
    }

    /// <summary>Sends a packet. What can't be taken now is as good as lost on the way.</summary>
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

    /// <summary>Takes a packet.</summary>
    /// <returns>How long it is, which may be more than there is room for; EAGAIN when there is none.</returns>
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
