using System;
using LocalService.CommandLine;
using LocalService.Dns;
using LocalService.Dns.Resolving;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;
using LocalService.Tcp.Ident;

namespace LocalService.Tcp.Client;

/// <summary>Specification "tcp", section 5, with B3, B8 to B10 and B18.</summary>
internal readonly unsafe struct TcpClient : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-tcpclient"u8;
    public static int ManualSection => 1;
    public static ReadOnlySpan<byte> Summary => "connect to a TCP server, then execute a program with the connection as descriptors 6 and 7"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -q --quiet  lower the verbosity by one level; may be repeated
        | -Q --default-verbosity  report errors and warnings; the default
        | -v --verbose  raise the verbosity by one level; may be repeated
        -4 --ipv4  use IPv4 addresses
        | -6 --ipv6  use IPv6 addresses; both are the default
        -d --delay  let the kernel combine small writes; the default
        | -D --no-delay  send data as soon as it is written
        -r --ident  ask the server's host for the owner of the connection
        | -R --no-ident  don't; the default
        -h --hosts  look in /etc/hosts before asking DNS
        -H --no-names  look nothing up: the host is an address or a list of addresses
        -n --qualify  apply the search list to a short name
        | -N --no-qualify  don't; the default
        -t --timeout=timeout  overall time limit in seconds; 0, the default: no limit
        -l --local-name=localname  the name of the local end, instead of looking it up
        -T --connect-timeouts=timeouts  time limits in seconds for connecting to each address, in a first and a second round; 2+58 by default
        -i --local-address=localip  bind the local end to this address
        -p --local-port=localport  bind the local end to this port
        host  the name of the server or its addresses; 0 is this machine
        port  the port: a number, or a name of /etc/services
        prog...  the program to execute, and its arguments
        """u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        var reader = new OptionReader(invocation.Words, Declaration);
        TcpClientOptions options = TcpClientOptions.Read(ref reader);
        if (reader.IsWrong)
            return diagnostics.Usage(reader);
        ServerAddresses servers = options.Servers;
        var limit = new TimeLimit(options.Milliseconds);
        Outcome outcome = options.IsList ? Outcome.Exit(ExitCode.Success) : Resolve(ref servers, invocation, options, limit, diagnostics);
        if (outcome.Code != ExitCode.Success)
            return outcome;
        if (servers.Count == 0)
            return diagnostics.Fatal(ExitCode.Usage, "no IP address for "u8, options.Host);
        outcome = Connect(servers, options, limit, diagnostics, out int connection);
        if (outcome.Code != ExitCode.Success)
            return outcome;
        using var socket = new Descriptor(connection);
        Result<SocketAddress> remote = SocketAddress.PeerOf(socket.Number);
        Result<SocketAddress> local = SocketAddress.LocalOf(socket.Number);
        if (remote.Failed || local.Failed)
            return diagnostics.Fatal(remote.Failed ? remote.Error : local.Error, "unable to get socket information"u8);
        Errno error = Prepare(socket.Number, options);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to set socket flags"u8);
        Report(diagnostics, options, remote.Value);

        EnvironmentBlock environment = invocation.Environment;
        environment.Set("PROTO"u8, "TCP"u8);
        SetEnd(ref environment, "TCPREMOTEIP"u8, "TCPREMOTEPORT"u8, remote.Value);
        SetEnd(ref environment, "TCPLOCALIP"u8, "TCPLOCALPORT"u8, local.Value);
        SetNames(ref environment, invocation, options, remote.Value.Address, local.Value.Address, limit, diagnostics);
        SetInformation(ref environment, options, remote.Value, local.Value, limit, diagnostics);
        int unable = UcspiClientDescriptors.Place(socket.Number, out error);
        if (unable >= 0)
            return diagnostics.Fatal(error, "unable to set up fd "u8, Numbers.Decimal((ulong)unable, stackalloc byte[Numbers.LongestText]));
        _ = socket.Release();
        return Exec.Into(options.Command, environment);
    }

    private static Outcome Resolve(
        ref ServerAddresses servers, Invocation invocation, in TcpClientOptions options, in TimeLimit limit, Diagnostics diagnostics)
    {
        NameResolution resolution = default;
        Errno error = resolution.Open(invocation.Environment, options.Qualifies, limit.LeftOrNone, null, diagnostics);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to init DNS"u8);
        error = servers.Resolve(options.Host, options, ref resolution, diagnostics);
        resolution.Close();
        return error.Failed
            ? diagnostics.Fatal(ExitCode.System, "unable to resolve "u8, options.Host, ": "u8, DnsError.Text(error))
            : Outcome.Exit(ExitCode.Success);
    }

    /// <summary>Makes two rounds over all addresses; a single address has the time of both in one.</summary>
    private static Outcome Connect(ServerAddresses servers, in TcpClientOptions options, in TimeLimit limit, Diagnostics diagnostics, out int connection)
    {
        var attempts = new ConnectionAttempts(servers);
        bool isSingle = servers.Count == 1;
        Result<int> connected = attempts.Run(options, isSingle ? options.FirstRound + options.SecondRound : options.FirstRound, limit);
        if (connected.Failed && !attempts.IsUnbindable && !isSingle && options.SecondRound > 0 && !limit.IsOver)
            connected = attempts.Run(options, options.SecondRound, limit);
        connection = connected.Failed ? -1 : connected.Value;
        if (!connected.Failed)
            return Outcome.Exit(ExitCode.Success);
        if (attempts.IsUnbindable)
            return diagnostics.Fatal(connected.Error, "unable to bind socket"u8);
        attempts.Report(diagnostics, options.Port);
        return diagnostics.Fatal(ExitCode.System, "unable to connect to a suitable IP address"u8);
    }

    /// <summary>Makes the socket blocking, as programs expect, and sets its options.</summary>
    private static Errno Prepare(int socket, in TcpClientOptions options)
    {
        int flags = LibC.fcntl(socket, LibC.F_GETFL, 0);
        if (flags < 0 || LibC.fcntl(socket, LibC.F_SETFL, flags & ~LibC.O_NONBLOCK) < 0)
            return Errno.Last;
        int on = 1;
        return options.NoDelay ? Errno.Of(libc.setsockopt(socket, libc.IPPROTO_TCP, libc.TCP_NODELAY, &on, sizeof(int))) : default;
    }

    private static void Report(Diagnostics diagnostics, in TcpClientOptions options, SocketAddress remote)
    {
        if (options.Verbosity >= 2)
        {
            diagnostics.Info(
                "connected to "u8, IpAddressText.Format(remote.Address, stackalloc byte[IpAddressText.LongestText]), " port "u8,
                Numbers.Decimal((ulong)remote.Port, stackalloc byte[Numbers.LongestText]));
        }
    }

    private static void SetEnd(ref EnvironmentBlock environment, ReadOnlySpan<byte> addressName, ReadOnlySpan<byte> portName, SocketAddress end)
    {
        environment.Set(addressName, IpAddressText.Format(end.Address.WithScope(0), stackalloc byte[IpAddressText.LongestText]));
        environment.Set(portName, Numbers.Decimal((ulong)end.Port, stackalloc byte[Numbers.LongestText]));
    }

    /// <summary>Removes the variables of unknown names: they would be those of another connection (B10).</summary>
    private static void SetNames(
        ref EnvironmentBlock environment, Invocation invocation, in TcpClientOptions options, IpAddress remote, IpAddress local, in TimeLimit limit,
        Diagnostics diagnostics)
    {
        HostNames names = default;
        if (!options.AsksNothing && !names.Open(invocation.Environment, options.UsesHosts, limit.LeftOrNone, diagnostics).Failed)
        {
            names.Find(remote, wantsRemote: true, local, wantsLocal: !options.NamesLocal, diagnostics);
            names.Close();
        }
        environment.SetIf(options.NamesLocal || !names.Local.IsNone, "TCPLOCALHOST"u8, options.NamesLocal ? options.LocalName : names.Local.Full);
        environment.SetIf(!names.Remote.IsNone, "TCPREMOTEHOST"u8, names.Remote.Full);
    }

    private static void SetInformation(
        ref EnvironmentBlock environment, in TcpClientOptions options, SocketAddress remote, SocketAddress local, in TimeLimit limit,
        Diagnostics diagnostics)
    {
        IdentAnswer answer = default;
        Errno error = options.Ident ? IdentQuestion.Ask(remote, local, limit, ref answer) : default;
        if (error.Failed && options.Verbosity >= 1)
            diagnostics.Warning(error, "unable to s6net_ident_client"u8);
        else if (options.Ident && !answer.IsName && options.Verbosity >= 1)
            diagnostics.Warning("ident server replied: "u8, answer.Refusal);
        environment.SetIf(answer.IsName, "TCPREMOTEINFO"u8, answer.Text);
    }
}
