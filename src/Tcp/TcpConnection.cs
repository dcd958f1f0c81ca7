using System;
using LocalService.CommandLine;
using LocalService.Posix;

namespace LocalService.Tcp;

/// <summary>Both ends of a connection, as the variables of UCSPI tell. Specification "tcp", section 4.1, with B3 and B4.</summary>
internal struct TcpConnection
{
    /// <summary>This end.</summary>
    internal SocketAddress Local { get; private set; }

    /// <summary>The client.</summary>
    internal SocketAddress Remote { get; private set; }

    /// <summary>Reads <c>${PROTO}LOCALIP</c> and its relatives. A missing or wrong one is reported; exit code 100.</summary>
    internal static Outcome Read(Diagnostics diagnostics, Invocation invocation, ReadOnlySpan<byte> protocol, out TcpConnection connection)
    {
        connection = default;
        Outcome outcome = Read(diagnostics, invocation, protocol, "LOCALIP"u8, "LOCALPORT"u8, out SocketAddress local);
        connection.Local = local;
        if (outcome.Code != ExitCode.Success)
            return outcome;
        outcome = Read(diagnostics, invocation, protocol, "REMOTEIP"u8, "REMOTEPORT"u8, out SocketAddress remote);
        connection.Remote = remote;
        return outcome;
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
