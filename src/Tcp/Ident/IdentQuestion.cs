using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Tcp.Ident;

/// <summary>Asks the host of a client which user owns a connection (RFC 1413). Specification "tcp", section 6.</summary>
internal static unsafe class IdentQuestion
{
    private const ushort Port = 113;
    private const int LongestLine = 1023;

    /// <summary>Asks, and waits for the answer.</summary>
    /// <param name="remote">The end of the connection that is asked about, on the host that is asked.</param>
    /// <param name="local">The other end, which the question comes from.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="answer">Gets the answer.</param>
    /// <returns>
    /// EAFNOSUPPORT when the ends are of different versions, ETIMEDOUT, ERANGE for a line above 1023 bytes, EPROTO for anything but an answer, or the
    /// error of asking the host.
    /// </returns>
    internal static Errno Ask(SocketAddress remote, SocketAddress local, in TimeLimit limit, ref IdentAnswer answer)
    {
        if (remote.Family != local.Family)
            return new Errno(libc.EAFNOSUPPORT);
        Result<int> started = StreamConnect.Start(SocketAddress.Of(remote.Address, Port), SocketAddress.Of(local.Address, 0), binds: true, out _);
        if (started.Failed)
            return started.Error;
        using var socket = new Descriptor(started.Value);
        return Readiness.ToWrite(socket.Number, limit)
            && StreamConnect.Finish(socket.Number)
            && Send(socket.Number, remote.Port, local.Port)
            && Receive(socket.Number, remote.Port, local.Port, limit, ref answer);
    }

    // A socket that has just connected takes these few bytes at once.
    private static Errno Send(int socket, ushort remotePort, ushort localPort)
    {
        var question = new Line(socket, stackalloc byte[Line.BufferSize]);
        question.Add((ulong)remotePort);
        question.Add(" , "u8);
        question.Add((ulong)localPort);
        question.Add("\r\n"u8);
        fixed (byte* text = question.Text)
        {
            nint sent = libc.send(socket, text, (nuint)question.Text.Length, libc.MSG_NOSIGNAL);
            return sent < 0 ? Errno.Last : new Errno(sent == question.Text.Length ? 0 : libc.EPROTO);
        }
    }

    private static Errno Receive(int socket, ushort remotePort, ushort localPort, in TimeLimit limit, ref IdentAnswer answer)
    {
        byte* line = stackalloc byte[LongestLine + 1];
        int used = 0;
        while (true)
        {
            Errno error = Readiness.ToRead(socket, limit);
            if (error.Failed)
                return error;
            nint received = libc.recv(socket, line + used, (nuint)(LongestLine + 1 - used), libc.MSG_DONTWAIT);
            if (received < 0 && libc.errno is libc.EINTR or libc.EAGAIN)
                continue;
            if (received < 0)
                return Errno.Last;
            used += (int)received;
            int end = new ReadOnlySpan<byte>(line, used).IndexOf((byte)'\n');
            if (end >= 0)
                return answer.Parse(new ReadOnlySpan<byte>(line, end), remotePort, localPort);
            if (used > LongestLine)
                return new Errno(libc.ERANGE);
            if (received > 0)
                continue;
            answer.SetUnknown();
            return new Errno(used == 0 ? 0 : libc.EPROTO);
        }
    }
}
