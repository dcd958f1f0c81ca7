using System;
using LocalService.CommandLine;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Server;

/// <summary>The life of the server: connections and signals, one after the other. Specification "server", sections 4.2 to 4.5.</summary>
internal unsafe ref struct AcceptLoop
{
    private const int Listener = libc.STDIN_FILENO;

    private readonly DaemonOptions daemon;
    private readonly ServerLog log;
    private readonly ReadOnlySpan<byte> programName;
    private readonly int signals;
    private readonly ConnectionEnvironment environment;
    private ChildProcess child;
    private ConnectionTable connections;
    private BackOff backOff;
    private bool stopping;

    /// <param name="daemon">Options and limits.</param>
    /// <param name="log">Where events are told.</param>
    /// <param name="program">The command line for each connection, at least one word.</param>
    /// <param name="environment">The environment of the server. The PATH in it is where the program is searched.</param>
    /// <param name="signals">The descriptor of <see cref="HandledSignals"/>.</param>
    internal AcceptLoop(DaemonOptions daemon, ServerLog log, Words program, EnvironmentBlock environment, int signals)
    {
        this.daemon = daemon;
        this.log = log;
        this.signals = signals;
        programName = program[0];
        child = new ChildProcess(ProgramCandidates.Of(programName, environment), program.List);
        this.environment = new ConnectionEnvironment(environment, daemon.Lookups);
    }

    /// <summary>The signals that the loop reads; nothing else is blocked.</summary>
    internal static ReadOnlySpan<int> HandledSignals =>
        [libc.SIGCHLD, libc.SIGTERM, libc.SIGHUP, libc.SIGQUIT, libc.SIGABRT, libc.SIGUSR1];

    /// <summary>Serves until a signal ends it.</summary>
    internal Outcome Run(Diagnostics diagnostics)
    {
        libc.pollfd* watched = stackalloc libc.pollfd[2];
        watched[0] = new libc.pollfd { fd = signals, events = libc.POLLIN };
        watched[1] = new libc.pollfd { events = libc.POLLIN };
        while (!stopping)
        {
            int rest = backOff.MillisecondsLeft();
            bool accepting = rest == 0 && connections.Count < daemon.MaximumConnections;
            // poll(2) passes over negative descriptors.
            watched[1].fd = accepting ? Listener : -1;
            if (libc.poll(watched, 2, rest == 0 ? -1 : rest) < 0)
            {
                if (libc.errno == libc.EINTR)
                    continue;
                return diagnostics.Fatal(Errno.Last, "unable to poll"u8);
            }
            if (watched[0].revents != 0)
            {
                Errno error = HandleSignals();
                if (error.Failed)
                    return diagnostics.Fatal(error, "unable to read signals"u8);
            }
            else if ((watched[1].revents & ~libc.POLLIN) != 0)
            {
                return diagnostics.Fatal(ExitCode.System, "trouble with socket"u8);
            }
            else if (watched[1].revents != 0)
            {
                Errno error = AcceptOne();
                if (error.Failed)
                    return diagnostics.Fatal(error, "unable to accept"u8);
            }
        }
        log.Exiting();
        return Outcome.Exit(ExitCode.Success);
    }

    /// <summary>Accepts and serves one connection. Fails only when the socket can never be accepted from again.</summary>
    private Errno AcceptOne()
    {
        Errno error = connections.Reserve();
        if (error.Failed)
        {
            Rest("keep track of another connection"u8, default, error);
            return default;
        }
        Result<int> accepted = UnixAddress.Accept(Listener, out UnixAddress address);
        if (accepted.Failed)
            return JudgeAccept(accepted.Error);
        using var connection = new Descriptor(accepted.Value);
        Serve(connection.Number, address);
        return default;
    }

    private Errno JudgeAccept(Errno error)
    {
        switch (error.Number)
        {
            // The client has gone again, or somebody else has accepted it.
            case libc.EAGAIN or libc.EINTR or libc.ECONNABORTED:
                return default;
            case libc.EBADF or libc.ENOTSOCK or libc.EINVAL or libc.EOPNOTSUPP:
                return error;
            default:
                Rest("accept"u8, default, error);
                return default;
        }
    }

    private void Serve(int connection, in UnixAddress address)
    {
        PeerCredentials client = default;
        if (daemon.Lookups)
        {
            Result<PeerCredentials> credentials = PeerCredentials.Of(connection);
            if (credentials.Failed)
            {
                log.Unable("getpeereid"u8, default, credentials.Error);
                return;
            }
            client = credentials.Value;
        }
        uint number = daemon.Lookups ? connections.CountOf(client.UserId) : connections.Count;
        if (number >= daemon.MaximumPerUser)
        {
            log.Deny(client, number);
            return;
        }
        Result<int> pid = child.Start(connection, environment.For(client, number + 1, address));
        if (pid.Failed)
        {
            if (BackOff.IsExhaustion(pid.Error))
                Rest("spawn "u8, programName, pid.Error);
            else
                log.Unable("spawn "u8, programName, pid.Error);
            return;
        }
        connections.Add(pid.Value, client.UserId);
        log.Allow(client, pid.Value, number + 1);
        log.Status(connections.Count);
    }

    private void Rest(ReadOnlySpan<byte> action, ReadOnlySpan<byte> name, Errno error)
    {
        if (backOff.Start())
            log.Unable(action, name, error);
    }

    /// <summary>All pending signals, so that those which ended the server and the ends of children that came with them are told of.</summary>
    private Errno HandleSignals()
    {
        while (true)
        {
            Result<int> signal = Signals.Next(signals);
            if (signal.Failed)
                return signal.Error;
            if (signal.Value == 0)
                return default;
            Handle(signal.Value);
        }
    }

    private void Handle(int signal)
    {
        log.Received(signal);
        switch (signal)
        {
            case libc.SIGCHLD:
                Reap();
                break;
            case libc.SIGUSR1:
                log.RequestedStatus(connections.Count);
                break;
            case libc.SIGTERM:
                stopping = true;
                break;
            case libc.SIGHUP:
            case libc.SIGQUIT:
                connections.SignalAll(libc.SIGTERM);
                connections.SignalAll(libc.SIGCONT);
                stopping |= signal == libc.SIGQUIT;
                break;
            case libc.SIGABRT:
                connections.SignalAll(libc.SIGKILL);
                stopping = true;
                break;
        }
    }

    /// <summary>Waits for every child that ended, also for those that this server didn't start: the process had them before.</summary>
    private void Reap()
    {
        while (true)
        {
            int status;
            int pid = libc.waitpid(-1, &status, libc.WNOHANG);
            if (pid < 0 && libc.errno == libc.EINTR)
                continue;
            if (pid <= 0)
                return;
            // Something is free again: no reason to wait any longer.
            backOff.End();
            if (!connections.Remove(pid, out uint user))
                continue;
            log.End(pid, user, status);
            log.Status(connections.Count);
        }
    }
}
