using System;
using System.Runtime.InteropServices;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Memory;
using LocalService.Posix;
using LocalService.Server;
using LocalService.Services;

namespace LocalService.Tcp;

/// <summary>
/// A client of a TCP socket: its address, and the one that it has connected to. IPv4-mapped IPv6 addresses count as IPv4.
/// Specification "tcp", section 3, with B1, B2, B4 and B15.
/// </summary>
internal unsafe struct TcpPeer : IPeer<TcpPeer>
{
    // Places of the variables, in the order of AddVariables.
    private const int LocalAddress = 0;
    private const int LocalPort = 1;
    private const int RemoteAddress = 2;
    private const int RemotePort = 3;
    private const int Number = 4;
    private const int Total = 5;

    private SocketAddress remote;
    private SocketAddress local;

    public static ReadOnlySpan<byte> Daemon => "s6-tcpserverd"u8;
    public static ReadOnlySpan<byte> Protocol => "TCP"u8;
    public static ReadOnlySpan<byte> Accepted => "accept "u8;
    public static ReadOnlySpan<byte> Rejected => "reject "u8;
    public static ReadOnlySpan<byte> BothSignals => "SIGTERM and SIGCONT"u8;
    public static ReadOnlySpan<byte> IdentifyingCall => "get local socket information"u8;
    public static ReadOnlySpan<byte> TotalVariable => "TCPCONNTOTAL"u8;
    public static ReadOnlySpan<byte> GroupVariable => default;
    public static bool SendsDescriptors => false;
    public static delegate* unmanaged<void*, void*> ThreadStart => &Start;

    private readonly IpAddress Address => remote.Address.Unmapped;

    public static Result<int> Accept(int listener, out TcpPeer peer)
    {
        peer.local = default;
        return SocketAddress.Accept(listener, out peer.remote);
    }

    public static void AddVariables(ref ConnectionEnvironment environment, in DaemonOptions options)
    {
        environment.AddPlace(LocalAddress, "TCPLOCALIP"u8, IpAddressText.LongestText);
        environment.AddPlace(LocalPort, "TCPLOCALPORT"u8, Numbers.LongestText);
        environment.AddPlace(RemoteAddress, "TCPREMOTEIP"u8, IpAddressText.LongestText);
        environment.AddPlace(RemotePort, "TCPREMOTEPORT"u8, Numbers.LongestText);
        environment.AddPlace(Number, "TCPCONNNUM"u8, Numbers.LongestText);
        if (options.TellsTotal)
            environment.AddPlace(Total, TotalVariable, Numbers.LongestText);
    }

    public static void AddToEnd(ref Line line, ClientKey key, in DaemonOptions options)
    {
    }

    public static void AddLeft(ref Line line, uint left, in DaemonOptions options)
    {
        line.Add(" count "u8);
        line.Add(left);
        line.Add("/"u8);
        line.Add(options.MaximumPerClient);
    }

    public Errno Identify(int connection, in DaemonOptions options)
    {
        Result<SocketAddress> found = SocketAddress.LocalOf(connection);
        if (!found.Failed)
            local = found.Value;
        return found.Error;
    }

    public readonly ClientKey Key(in DaemonOptions options)
    {
        IpAddress network = Address.Network(Address.IsV4 ? options.PrefixLengthV4 : options.PrefixLengthV6);
        return new ClientKey(network.MappedHigh, network.MappedLow);
    }

    public readonly ClientKey GroupKey => default;

    public readonly void WriteVariables(in ConnectionEnvironment environment, in ConnectionNumbers numbers, in DaemonOptions options)
    {
        Span<byte> text = stackalloc byte[IpAddressText.LongestText];
        environment.Write(LocalAddress, IpAddressText.Format(local.Address.Unmapped.WithScope(0), text));
        environment.Write(LocalPort, local.Port);
        environment.Write(RemoteAddress, IpAddressText.Format(Address.WithScope(0), text));
        environment.Write(RemotePort, remote.Port);
        environment.Write(Number, numbers.Client);
        if (options.TellsTotal)
            environment.Write(Total, numbers.Total);
    }

    public readonly Errno Tell(
        int connection, in ConnectionEnvironment environment, ref EnvironmentBlock variables, Allocator memory, in DaemonOptions options, out ReadOnlySpan<byte> call)
    {
        call = default;
        return default;
    }

    public readonly void Describe(ref StatusEntry entry) =>
        entry.SetPeer(StatusEntry.Address, Address.MappedHigh, Address.MappedLow, remote.Port);

    public readonly void AddTo(ref Line line, in DaemonOptions options)
    {
        line.Add(IpAddressText.Format(Address.WithScope(0), stackalloc byte[IpAddressText.LongestText]));
        line.Add("_"u8);
        line.Add((ulong)remote.Port);
    }

    [UnmanagedCallersOnly]
    private static void* Start(void* acceptor) => Acceptor<TcpPeer>.Run((Acceptor<TcpPeer>*)acceptor);
}
