using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;
using LocalService.Server;

namespace LocalService.Tcp;

/// <summary>Accepts TCP connections on standard input and starts a program for each. Specification "tcp", section 3.</summary>
internal readonly struct TcpServerd : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-tcpserverd"u8;
    public static int ManualSection => 8;
    public static ReadOnlySpan<byte> Summary => "accept TCP connections on standard input and run a program for each"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -v --verbosity=verbosity  what to report: 0 errors, 1 also warnings, 2 also every connection, 3 also the deciding rule; 1 by default
        -1 --notify-readiness  write the local port and a newline to standard output when clients can connect
        -L --listen-fds  serve the socket from the service manager (LISTEN_FDS) instead of standard input
        -N --notify-socket  notify the service manager (NOTIFY_SOCKET) when clients can connect, and when the server ends
        -c --maximum-connections=maxconn  maximum number of connections at a time, at least 1; 40 by default
        -C --maximum-connections-per-client=localmaxconn  maximum number of connections of one client at a time; 0 refuses everybody; 40 by default
        -n --prefix-lengths=v4,v6  number of bits of IPv4 and IPv6 addresses that identify a client; 32,64 by default
        -t --lifetime=lifetime  time limit in milliseconds for a connection, then its program gets SIGTERM; 0, the default: no limit
        -T --grace=grace  send it SIGKILL this many milliseconds later; 0, the default: never
        -i --idle=idle  exit with code 0 after this many milliseconds without a connection; 0, the default: never
        -j --threads=threads  maximum number of accepting threads; 3 by default, 1 where limits on processes or descriptors are low
        -s --status-file=file  write the status to this file, for s6-status; an existing file is replaced
        -S --gates-as-programs  run gates as programs instead of inside the server
        prog...  the program to run for each connection, and its arguments
        """u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        DaemonOptions daemon = DaemonOptions.Default;
        PrefixLengths prefixes = PrefixLengths.Default;
        var options = new OptionReader(invocation.Words, Declaration);
        while (options.Next(out char option))
        {
            switch (option)
            {
                case 'n': prefixes = PrefixLengths.Read(ref options); break;
                default: daemon.Take(option, ref options); break;
            }
        }
        Words program = options.NamedProgram();
        if (options.IsWrong)
            return diagnostics.Usage(options);
        daemon.PrefixLengthV4 = prefixes.V4;
        daemon.PrefixLengthV6 = prefixes.V6;
        daemon.CorrectLimits();

        EnvironmentBlock environment = invocation.Environment;
        Outcome checkedDescriptors = ListeningSocket.Check(isUnix: false, daemon.NotifyReadiness, daemon.TakesSocket, ref environment, diagnostics);
        if (checkedDescriptors.Code != ExitCode.Success)
            return checkedDescriptors;
        Result<SocketAddress> local = SocketAddress.LocalOf(ListeningSocket.Number);
        if (local.Failed)
            return diagnostics.Fatal(local.Error, "unable to get local socket information"u8);
        Span<byte> buffer = stackalloc byte[Line.BufferSize];
        var announcement = new Line(libc.STDOUT_FILENO, buffer[..Numbers.LongestText]);
        announcement.Add((ulong)local.Value.Port);
        announcement.Add("\n"u8);
        var details = new Line(libc.STDOUT_FILENO, buffer[Numbers.LongestText..]);
        details.Add(" - bound to ip "u8);
        details.Add(IpAddressText.Format(local.Value.Address.WithScope(0), stackalloc byte[IpAddressText.LongestText]));
        details.Add(" port "u8);
        details.Add((ulong)local.Value.Port);
        return ServerStart.Run<TcpPeer>(invocation with { Environment = environment }, daemon, program, diagnostics, details.Text, announcement.Text);
    }
}
