using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Tcp;

/// <summary>Binds a socket to an address and a port, and becomes a program that has it as standard input. Specification "tcp", section 2.</summary>
internal readonly struct TcpServerSocketBinder : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-tcpserver-socketbinder"u8;
    public static int ManualSection => 8;
    public static ReadOnlySpan<byte> Summary => "bind a TCP or UDP socket, then execute a program with it as standard input"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -d --reuse-address  bind even if connections of an earlier server are still closing; the default
        | -D --no-reuse-address  don't
        -b --backlog=backlog  maximum number of clients waiting to be accepted; 0: don't listen; 4096 by default
        -M --tcp  make a stream socket; the default
        | -m --udp  make a datagram socket
        -B --block  make the socket blocking
        -6 --both-versions  for the address ::, accept IPv4 clients too
        -r --reuse-port  let other servers of the same user bind the same port: the kernel distributes the clients
        -f --free-bind  bind an address that no interface has yet
        -k --keepalive  detect vanished clients, with the system's keepalive times
        -w --defer-accept=seconds  accept a client only when it has sent something, or after this many seconds; 0, the default: at once
        -F --fast-open=queue  accept data in the first packet, for this many clients at a time; 0, the default: none
        ip  the address: IPv4 or IPv6, link-local ones with %INTERFACE
        port  the port: a number, 0 for any, or a name of /etc/services
        prog...  the program to execute, and its arguments
        """u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        var wanted = new ListenerOptions { ReusesAddress = true, Type = libc.SOCK_STREAM, Backlog = libc.SOMAXCONN };
        var options = new OptionReader(invocation.Words, Declaration);
        while (options.Next(out char option))
        {
            switch (option)
            {
                case 'd': wanted.ReusesAddress = true; break;
                case 'D': wanted.ReusesAddress = false; break;
                case 'b': wanted.Backlog = options.Number(); break;
                case 'M': wanted.Type = libc.SOCK_STREAM; break;
                case 'm': wanted.Type = libc.SOCK_DGRAM; break;
                case 'B': wanted.Blocks = true; break;
                case '6': wanted.BothVersions = true; break;
                case 'r': wanted.ReusesPort = true; break;
                case 'f': wanted.BindsFreely = true; break;
                case 'k': wanted.KeepsAlive = true; break;
                case 'w': wanted.DeferSeconds = options.Number(); break;
                case 'F': wanted.FastOpenQueue = options.Number(); break;
            }
        }
        ReadOnlySpan<byte> address = options.Operand();
        ReadOnlySpan<byte> port = options.Operand();
        Words program = options.Program();
        if (!IpAddressText.TryParseScoped(address, out IpAddress ip))
            options.RejectOperand(address, "address"u8);
        if (!ServicePort.TryParse(port, wanted.Type == libc.SOCK_STREAM ? "tcp"u8 : "udp"u8, out ushort number))
            options.RejectOperand(port, "port"u8);
        if (options.IsWrong)
            return diagnostics.Usage(options);
        if (wanted.BothVersions && (ip.IsV4 || !ip.IsUnspecified))
            return diagnostics.Fatal(ExitCode.Usage, "option -6 goes with the address :: only"u8);

        Outcome opened = new Listener(diagnostics, address, port).Open(SocketAddress.Of(ip, number), wanted, out int descriptor);
        if (opened.Code != ExitCode.Success)
            return opened;
        using var listener = new Descriptor(descriptor);
        Errno error = Descriptor.Copy(listener.Number, libc.STDIN_FILENO);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to move the socket to standard input"u8);
        StandardDescriptors.InputReplaced();
        return Exec.Into(program, invocation.Environment);
    }
}
