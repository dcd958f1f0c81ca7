using System;
using System.Runtime.CompilerServices;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;

namespace LocalService.Posix;

/// <summary>An IP address and a port, as AF_INET and AF_INET6 sockets use them, ip(7) and ipv6(7).</summary>
internal unsafe struct SocketAddress
{
    private libc.sockaddr_in6 address; // or a sockaddr_in, which is shorter
    private uint length;

    /// <summary>The address family, for socket(2).</summary>
    internal readonly int Family => address.sin6_family;

    /// <summary>The port.</summary>
    internal readonly ushort Port => (ushort)(address.sin6_port[0] << 8 | address.sin6_port[1]);

    /// <summary>The address without the port.</summary>
    internal readonly IpAddress Address
    {
        get
        {
            libc.sockaddr_in6 copy = address;
            ReadOnlySpan<byte> bytes = Family == libc.AF_INET
                ? new ReadOnlySpan<byte>(((libc.sockaddr_in*)&copy)->sin_addr, IpAddress.V4Size)
                : new ReadOnlySpan<byte>(copy.sin6_addr, IpAddress.V6Size);
            _ = IpAddress.TryRead(bytes, out IpAddress result);
            return Family == libc.AF_INET ? result : result.WithScope(copy.sin6_scope_id);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // called from many places
    internal static SocketAddress Of(IpAddress address, ushort port)
    {
        SocketAddress result = default;
        result.address.sin6_family = (ushort)(address.IsV4 ? libc.AF_INET : libc.AF_INET6);
        result.address.sin6_port[0] = (byte)(port >> 8);
        result.address.sin6_port[1] = (byte)port;
        libc.sockaddr_in6* start = &result.address;
        byte* target = address.IsV4 ? ((libc.sockaddr_in*)start)->sin_addr : start->sin6_addr;
        _ = address.Write(new Span<byte>(target, address.Size));
        if (!address.IsV4)
            result.address.sin6_scope_id = address.Scope;
        result.length = (uint)(address.IsV4 ? sizeof(libc.sockaddr_in) : sizeof(libc.sockaddr_in6));
        return result;
    }

    /// <summary>
    /// Reads <c>ADDRESS</c>, <c>ADDRESS:PORT</c>, <c>[ADDRESS]</c> or <c>[ADDRESS]:PORT</c>; the port of an IPv6 address needs the brackets.
    /// An IPv6 address may have the name of an interface, <c>fe80::1%eth0</c>.
    /// </summary>
    /// <param name="text">A whole word.</param>
    /// <param name="port">The port when the text has none.</param>
    /// <param name="address">Receives the address.</param>
    internal static bool TryParse(ReadOnlySpan<byte> text, ushort port, out SocketAddress address)
    {
        ReadOnlySpan<byte> host = text;
        ReadOnlySpan<byte> number = default;
        int colon = text.LastIndexOf((byte)':');
        bool bracketed = !text.IsEmpty && text[0] == (byte)'[';
        if (bracketed)
        {
            int end = text.LastIndexOf((byte)']');
            host = end < 0 ? default : text[1..end];
            number = end < 0 ? default : text[(end + 1)..];
        }
        else if (colon >= 0 && text.IndexOf((byte)':') == colon)
        {
            host = text[..colon];
            number = text[colon..];
        }
        bool parsed = IpAddressText.TryParseScoped(host, out IpAddress ip) && (!bracketed || !ip.IsV4);
        if (!number.IsEmpty)
            parsed &= number[0] == (byte)':' && TryParsePort(number[1..], out port);
        address = parsed ? Of(ip, port) : default;
        return parsed;
    }

    /// <summary>Reads a port: decimal digits, 0 to 65535.</summary>
    internal static bool TryParsePort(ReadOnlySpan<byte> text, out ushort port)
    {
        uint number = 0;
        bool isNumber = !text.IsEmpty;
        for (int i = 0; i < text.Length && isNumber; i++)
        {
            number = number * 10 + text[i] - '0';
            isNumber = text[i] is >= (byte)'0' and <= (byte)'9' && number <= ushort.MaxValue;
        }
        port = (ushort)number;
        return isNumber;
    }

    /// <summary>The address that a socket is bound to. EAFNOSUPPORT for a socket of another family.</summary>
    internal static Result<SocketAddress> LocalOf(int socket)
    {
        SocketAddress result = default;
        uint size = (uint)sizeof(libc.sockaddr_in6);
        return result.Filled(libc.getsockname(socket, &result.address, &size), size);
    }

    /// <summary>The address that a socket is connected to. EAFNOSUPPORT for a socket of another family.</summary>
    internal static Result<SocketAddress> PeerOf(int socket)
    {
        SocketAddress result = default;
        uint size = (uint)sizeof(libc.sockaddr_in6);
        return result.Filled(libc.getpeername(socket, &result.address, &size), size);
    }

    /// <summary>Accepts a connection: blocking, close-on-exec, with the address of the client.</summary>
    internal static Result<int> Accept(int listener, out SocketAddress client)
    {
        client = default;
        uint size = (uint)sizeof(libc.sockaddr_in6);
        fixed (libc.sockaddr_in6* pointer = &client.address)
        {
            int connection = libc.accept4(listener, pointer, &size, libc.SOCK_CLOEXEC);
            client.length = size;
            return connection < 0 ? Errno.Last : connection;
        }
    }

    /// <summary>An address from the kernel, such as the sender of a datagram. An address of another family gets family 0.</summary>
    internal static SocketAddress FromKernel(void* address, uint length)
    {
        SocketAddress result = default;
        ushort family = *(ushort*)address;
        if (family == libc.AF_INET && length >= sizeof(libc.sockaddr_in))
            *(libc.sockaddr_in*)&result.address = *(libc.sockaddr_in*)address;
        else if (family == libc.AF_INET6 && length >= sizeof(libc.sockaddr_in6))
            result.address = *(libc.sockaddr_in6*)address;
        else
            return default;
        result.length = length;
        return result;
    }

    internal Errno Bind(int socket)
    {
        fixed (libc.sockaddr_in6* pointer = &address)
            return Errno.Of(libc.bind(socket, pointer, length));
    }

    /// <summary>Connects, connect(2). A non-blocking stream socket gives EINPROGRESS.</summary>
    internal Errno Connect(int socket)
    {
        fixed (libc.sockaddr_in6* pointer = &address)
            return Errno.Of(libc.connect(socket, pointer, length));
    }

    /// <summary>Whether address and port are the same.</summary>
    internal readonly bool Equals(SocketAddress other) => Port == other.Port && Address.Equals(other.Address);

    private Result<SocketAddress> Filled(int returned, uint size)
    {
        Errno error = Errno.Of(returned);
        length = size;
        if (error.Failed)
            return error;
        return Family is libc.AF_INET or libc.AF_INET6 ? this : new Errno(libc.EAFNOSUPPORT);
    }
}
