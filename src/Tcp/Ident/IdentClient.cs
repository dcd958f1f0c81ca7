using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Tcp.Ident;

/// <summary>Asks an IDENT server and prints what it says. Specification "tcp", section 6.</summary>
internal readonly struct IdentClient : IRole
{
    private const int TimedOut = 99;

    public static ReadOnlySpan<byte> Program => "s6-ident-client"u8;
    public static int ManualSection => 1;
    public static ReadOnlySpan<byte> Summary => "ask a client's host for the owner of a connection"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -t --timeout=timeout  time limit in milliseconds; 0, the default: no limit
        remoteip  the address of the client; its host is asked
        remoteport  the client's port
        localip  the address that the client has connected to
        localport  the port that it has connected to
        """u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        var options = new OptionReader(invocation.Words, Declaration);
        uint milliseconds = 0;
        while (options.Next(out _))
            milliseconds = options.Number();
        ReadOnlySpan<byte> remoteAddress = options.Operand();
        ReadOnlySpan<byte> remotePort = options.Operand();
        ReadOnlySpan<byte> localAddress = options.Operand();
        ReadOnlySpan<byte> localPort = options.Operand();
        SocketAddress remote = ReadEnd(ref options, remoteAddress, remotePort);
        SocketAddress local = ReadEnd(ref options, localAddress, localPort);
        if (options.IsWrong)
            return diagnostics.Usage(options);
        if (remote.Family != local.Family)
            return diagnostics.Fatal(ExitCode.Usage, "address family mismatch"u8);
        IdentAnswer answer = default;
        Errno error = IdentQuestion.Ask(remote, local, new TimeLimit(milliseconds), ref answer);
        if (error.Failed)
        {
            _ = diagnostics.Fatal(error, "unable to s6net_ident_client"u8);
            return Outcome.Exit(error.Is(libc.ETIMEDOUT) ? TimedOut : ExitCode.System);
        }
        if (!answer.IsName)
        {
            diagnostics.Warning("ident server replied: "u8, answer.Refusal);
            return Outcome.Exit(ExitCode.Refused);
        }
        var line = new Line(libc.STDOUT_FILENO, stackalloc byte[Line.BufferSize]);
        line.Add(answer.Text);
        line.End();
        return line.Error.Failed ? diagnostics.Fatal(line.Error, "unable to write to stdout"u8) : Outcome.Exit(ExitCode.Success);
    }

    private static SocketAddress ReadEnd(ref OptionReader options, ReadOnlySpan<byte> address, ReadOnlySpan<byte> number)
    {
        if (!IpAddressText.TryParseScoped(address, out IpAddress ip))
            options.RejectOperand(address, "address"u8);
        if (!SocketAddress.TryParsePort(number, out ushort port))
            options.RejectOperand(number, "port"u8);
        return SocketAddress.Of(ip, port);
    }
}
