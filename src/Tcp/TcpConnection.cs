using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Tcp;

/// <summary>Both ends of a connection, as the UCSPI variables describe them. Specification "tcp", section 4.1, with B3 and B4.</summary>
internal struct TcpConnection
{
    /// <summary>The value of PROTO for a connection that the kernel has described.</summary>
    internal static ReadOnlySpan<byte> Protocol => "TCP"u8;

    /// <summary>This end.</summary>
    internal SocketAddress Local { get; private set; }

    /// <summary>The client.</summary>
    internal SocketAddress Remote { get; private set; }

    /// <summary>Reads <c>${PROTO}LOCALIP</c> and the related variables. A missing or wrong one is reported; exit code 100.</summary>
    internal static Outcome Read(Diagnostics diagnostics, Invocation invocation, ReadOnlySpan<byte> protocol, out TcpConnection connection)
    {
        connection = default;
        Outcome outcome = Read(diagnostics, invocation, protocol, "LOCALIP"u8, "LOCALPORT"u8, out SocketAddress local);
        connection.Local = local;
        if (outcome.Code != ExitCode.Success)
            return outcome;
        outcome = Read(diagnostics, invocation, protocol, "REMOTEIP"u8, "REMOTEPORT"u8, out SocketAddress remote);
        connection.Remote = remote;
        connection.TakeInterface(invocation.Connection);
        return outcome;
    }

    /// <summary>The variables have no interface, but without one a link-local address leads nowhere: the kernel knows it.</summary>
    private void TakeInterface(int descriptor)
    {
        if (!Remote.Address.IsLinkLocal || Remote.Address.Scope != 0)
            return;
        Result<SocketAddress> peer = SocketAddress.PeerOf(descriptor);
        if (peer.Failed || !peer.Value.Address.WithScope(0).Equals(Remote.Address))
            return;
        uint scope = peer.Value.Address.Scope;
        Remote = SocketAddress.Of(Remote.Address.WithScope(scope), Remote.Port);
        if (Local.Address.IsLinkLocal)
            Local = SocketAddress.Of(Local.Address.WithScope(scope), Local.Port);
    }

    /// <summary>
    /// Asks the kernel about standard input, and sets the variables as s6-tcpserverd would have done; what the environment said before doesn't count.
    /// Anything but a TCP connection is an error: exit code 100, or 111.
    /// </summary>
    internal static Outcome Describe(ref EnvironmentBlock environment, Diagnostics diagnostics, out TcpConnection connection)
    {
        connection = default;
        if (StandardDescriptors.InputMissing)
            return diagnostics.Fatal(new Errno(libc.EBADF), "unable to fstat stdin"u8);
        Result<SocketAddress> local = SocketAddress.LocalOf(libc.STDIN_FILENO);
        if (local.Failed || SocketOption.Of(libc.STDIN_FILENO, libc.SO_TYPE) != libc.SOCK_STREAM)
            return diagnostics.Fatal(ExitCode.Usage, "stdin is not a TCP connection"u8);
        Result<SocketAddress> remote = SocketAddress.PeerOf(libc.STDIN_FILENO);
        if (remote.Failed)
            return diagnostics.Fatal(remote.Error, "unable to get remote socket information"u8);
        environment.Set("PROTO"u8, Protocol);
        connection.Local = Set(ref environment, "TCPLOCALIP"u8, "TCPLOCALPORT"u8, local.Value);
        connection.Remote = Set(ref environment, "TCPREMOTEIP"u8, "TCPREMOTEPORT"u8, remote.Value);
        // Only a server knows how many connections there are.
        environment.Unset("TCPCONNNUM"u8);
        environment.Unset("TCPCONNTOTAL"u8);
        return Outcome.Exit(ExitCode.Success);
    }

    private static SocketAddress Set(
        ref EnvironmentBlock environment, ReadOnlySpan<byte> addressName, ReadOnlySpan<byte> portName, SocketAddress address)
    {
        IpAddress plain = address.Address.Unmapped.WithScope(0);
        Span<byte> text = stackalloc byte[IpAddressText.LongestText];
        environment.Set(addressName, IpAddressText.Format(plain, text));
        environment.Set(portName, Numbers.Decimal(address.Port, text));
        return SocketAddress.Of(address.Address.Unmapped, address.Port);
    }

    private static Outcome Read(
        Diagnostics diagnostics, Invocation invocation, ReadOnlySpan<byte> protocol, ReadOnlySpan<byte> addressName, ReadOnlySpan<byte> portName,
        out SocketAddress read)
    {
        read = default;
        if (!invocation.Environment.TryGet(Ucspi.Variable(invocation.Memory, protocol, addressName), out ReadOnlySpan<byte> value))
            return diagnostics.Fatal(ExitCode.Usage, protocol, addressName, " not set"u8);
        if (!IpAddressText.TryParseScoped(value, out IpAddress address))
            return diagnostics.Fatal(ExitCode.Usage, "invalid $"u8, protocol, addressName);
        if (!invocation.Environment.TryGet(Ucspi.Variable(invocation.Memory, protocol, portName), out value))
            return diagnostics.Fatal(ExitCode.Usage, protocol, portName, " not set"u8);
        if (!SocketAddress.TryParsePort(value, out ushort port))
            return diagnostics.Fatal(ExitCode.Usage, "invalid $"u8, protocol, portName);
        read = SocketAddress.Of(address.Unmapped, port);
        return Outcome.Exit(ExitCode.Success);
    }
}
