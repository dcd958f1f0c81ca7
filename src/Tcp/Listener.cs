using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Tcp;

/// <summary>Makes a socket that is bound to an address and listens, and reports what fails.</summary>
/// <param name="diagnostics">The messages of the role.</param>
/// <param name="address">The address, as the user wrote it.</param>
/// <param name="port">The port, as the user wrote it.</param>
internal readonly unsafe ref struct Listener(Diagnostics diagnostics, ReadOnlySpan<byte> address, ReadOnlySpan<byte> port)
{
    private readonly Diagnostics diagnostics = diagnostics;
    private readonly ReadOnlySpan<byte> address = address;
    private readonly ReadOnlySpan<byte> port = port;

    /// <summary>Makes the socket, close-on-exec. A mapped address and one that isn't local are refused by bind(2).</summary>
    /// <param name="where">What it is bound to.</param>
    /// <param name="options">The options of the socket.</param>
    /// <param name="descriptor">The socket; of no meaning after a failure.</param>
    internal Outcome Open(SocketAddress where, in ListenerOptions options, out int descriptor)
    {
        descriptor = -1;
        using var socket = new Descriptor(libc.socket(where.Family, options.Type | libc.SOCK_CLOEXEC | (options.Blocks ? 0 : libc.SOCK_NONBLOCK), 0));
        if (socket.Number < 0)
            return diagnostics.Fatal(Errno.Last, "unable to create socket"u8);
        Errno error = Prepare(socket.Number, where, options, out ReadOnlySpan<byte> failed);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to set socket option "u8, failed);
        error = where.Bind(socket.Number);
        if (error.Failed)
            return Fail(error, "bind"u8);
        error = options.Backlog == 0 ? default : Errno.Of(libc.listen(socket.Number, options.Backlog > int.MaxValue ? int.MaxValue : (int)options.Backlog));
        if (error.Failed)
            return Fail(error, "listen"u8);
        descriptor = socket.Release();
        return Outcome.Exit(ExitCode.Success);
    }

    private static Errno Prepare(int socket, SocketAddress where, in ListenerOptions options, out ReadOnlySpan<byte> failed)
    {
        Errno error = default;
        bool isV6 = where.Family == libc.AF_INET6;
        failed = "IPV6_V6ONLY"u8;
        if (isV6)
            error = Set(socket, libc.IPPROTO_IPV6, libc.IPV6_V6ONLY, options.BothVersions ? 0 : 1);
        if (!error.Failed && options.ReusesAddress)
            error = Set(socket, libc.SOL_SOCKET, libc.SO_REUSEADDR, 1, "SO_REUSEADDR"u8, ref failed);
        if (!error.Failed && options.ReusesPort)
            error = Set(socket, libc.SOL_SOCKET, libc.SO_REUSEPORT, 1, "SO_REUSEPORT"u8, ref failed);
        if (!error.Failed && options.KeepsAlive)
            error = Set(socket, libc.SOL_SOCKET, libc.SO_KEEPALIVE, 1, "SO_KEEPALIVE"u8, ref failed);
        if (!error.Failed && options.BindsFreely)
            error = Set(socket, libc.IPPROTO_IP, libc.IP_FREEBIND, 1, "IP_FREEBIND"u8, ref failed);
        if (!error.Failed && options.DeferSeconds > 0)
            error = Set(socket, libc.IPPROTO_TCP, libc.TCP_DEFER_ACCEPT, (int)options.DeferSeconds, "TCP_DEFER_ACCEPT"u8, ref failed);
        if (!error.Failed && options.FastOpenQueue > 0)
            error = Set(socket, libc.IPPROTO_TCP, libc.TCP_FASTOPEN, (int)options.FastOpenQueue, "TCP_FASTOPEN"u8, ref failed);
        return error;
    }

    private static Errno Set(int socket, int level, int option, int value, ReadOnlySpan<byte> name, ref ReadOnlySpan<byte> current)
    {
        current = name;
        return Set(socket, level, option, value);
    }

    private static Errno Set(int socket, int level, int option, int value) =>
        Errno.Of(libc.setsockopt(socket, level, option, &value, sizeof(int)));

    private Outcome Fail(Errno error, ReadOnlySpan<byte> what)
    {
        var text = new Line(libc.STDERR_FILENO, stackalloc byte[Line.BufferSize]);
        text.Add("unable to "u8, what);
        text.Add(" to "u8, address);
        text.Add(" port "u8, port);
        return diagnostics.Fatal(error, text.Text);
    }
}
