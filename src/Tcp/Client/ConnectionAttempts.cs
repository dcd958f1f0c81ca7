using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Tcp.Client;

/// <summary>
/// Connects to the first address of a server that answers. The next one is tried when the one before has failed, or hasn't answered for a quarter of
/// a second; all that are under way go on (RFC 8305, section 5). Specification "tcp", B18.
/// </summary>
internal unsafe struct ConnectionAttempts
{
    private const uint MillisecondsBetween = 250;

    private readonly ServerAddresses servers;
    private readonly Attempt* attempts;
    private readonly pollfd* watched;
    private int started;
    private int pending;
    private long nextStart;

    private struct Attempt
    {
        internal int Socket; // -1 when it has failed
        internal long Deadline;
        internal Errno Error;
    }

    internal ConnectionAttempts(ServerAddresses servers)
    {
        this.servers = servers;
        attempts = (Attempt*)Arena.Allocate((nuint)(ServerAddresses.Most * sizeof(Attempt)));
        watched = (pollfd*)Arena.Allocate((nuint)(ServerAddresses.Most * sizeof(pollfd)));
    }

    /// <summary>Whether an attempt failed because this end could not be bound: that is final.</summary>
    internal bool IsUnbindable { get; private set; }

    /// <summary>Tries all addresses once.</summary>
    /// <param name="options">The port, and what this end is bound to.</param>
    /// <param name="milliseconds">How long each may take.</param>
    /// <param name="limit">How long all may take.</param>
    /// <returns>The connection, nonblocking; the error of the last attempt.</returns>
    internal Result<int> Run(in TcpClientOptions options, uint milliseconds, in TimeLimit limit)
    {
        started = 0;
        pending = 0;
        nextStart = Clock.Milliseconds;
        while (true)
        {
            StartDue(options, milliseconds);
            if (IsUnbindable || (pending == 0 && started == servers.Count))
                return GiveUp();
            Wait(options, limit);
            for (int i = 0; i < started; i++)
            {
                Errno error = StateOf(i, limit);
                if (error.Is(libc.EINPROGRESS))
                    continue;
                if (!error.Failed)
                    return Win(i);
                Fail(i, error);
            }
        }
    }

    /// <summary>Warns of each address that failed.</summary>
    internal readonly void Report(Diagnostics diagnostics, ushort port)
    {
        for (int i = 0; i < started; i++)
            Report(diagnostics, attempts[i].Error, servers.At(i), port);
    }

    private static void Report(Diagnostics diagnostics, Errno error, IpAddress server, ushort port) => diagnostics.Warning(
        error, "unable to connect to "u8, IpAddressText.Format(server, stackalloc byte[IpAddressText.LongestText]),
        " port "u8, Numbers.Decimal((ulong)port, stackalloc byte[Numbers.LongestText]));

    private void StartDue(in TcpClientOptions options, uint milliseconds)
    {
        long now = Clock.Milliseconds;
        while (!IsUnbindable && started < servers.Count && (pending == 0 || (now >= nextStart && !options.HasLocalPort)))
        {
            int index = started++;
            IpAddress server = servers.At(index);
            Result<int> connecting = StreamConnect.Start(
                SocketAddress.Of(server, options.Port), options.LocalOf(server), options.Binds, out bool isUnbindable);
            IsUnbindable = isUnbindable;
            attempts[index].Socket = connecting.Failed ? -1 : connecting.Value;
            attempts[index].Error = connecting.Error;
            attempts[index].Deadline = now + milliseconds;
            if (connecting.Failed)
                continue;
            pending++;
            nextStart = now + MillisecondsBetween;
        }
    }

    private readonly void Wait(in TcpClientOptions options, in TimeLimit limit)
    {
        long until = started < servers.Count && !options.HasLocalPort ? nextStart : long.MaxValue;
        for (int i = 0; i < started; i++)
        {
            // poll(2) skips negative numbers.
            watched[i] = new pollfd { fd = attempts[i].Socket, events = LibC.POLLOUT };
            if (attempts[i].Socket >= 0 && attempts[i].Deadline < until)
                until = attempts[i].Deadline;
        }
        long left = until - Clock.Milliseconds;
        int wait = TimeLimit.Sooner(left < 0 ? 0 : left > int.MaxValue ? int.MaxValue : (int)left, limit.Left);
        if (LibC.poll(watched, (uint)started, wait) >= 0)
            return;
        BackOff.RestAfterWait();
        for (int i = 0; i < started; i++)
            watched[i].revents = 0;
    }

    /// <summary>EINPROGRESS for an attempt that goes on, and for one that has failed before.</summary>
    private readonly Errno StateOf(int index, in TimeLimit limit)
    {
        if (attempts[index].Socket < 0)
            return new Errno(libc.EINPROGRESS);
        if (watched[index].revents != 0)
            return StreamConnect.Finish(attempts[index].Socket);
        bool isLate = limit.IsOver || attempts[index].Deadline <= Clock.Milliseconds;
        return new Errno(isLate ? libc.ETIMEDOUT : libc.EINPROGRESS);
    }

    private Result<int> Win(int index)
    {
        int socket = attempts[index].Socket;
        attempts[index].Socket = -1;
        CloseAll();
        return socket;
    }

    private Result<int> GiveUp()
    {
        CloseAll();
        return attempts[started - 1].Error;
    }

    private void Fail(int index, Errno error)
    {
        _ = libc.close(attempts[index].Socket);
        attempts[index].Socket = -1;
        attempts[index].Error = error;
        pending--;
        nextStart = 0;
    }

    private readonly void CloseAll()
    {
        for (int i = 0; i < started; i++)
        {
            if (attempts[i].Socket >= 0)
                _ = libc.close(attempts[i].Socket);
        }
    }
}
