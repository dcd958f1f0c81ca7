using System;
using LocalService.CommandLine;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Server;

/// <summary>
/// The first thread of the server: it reads the signals, waits for the children that end, and starts threads that accept as they are needed.
/// Specification "server", section 4.5.
/// </summary>
/// <param name="server">What the threads share.</param>
/// <param name="signals">The descriptor of <see cref="HandledSignals"/>.</param>
internal unsafe ref struct SignalLoop(ServerState* server, int signals)
{
    private bool stopping;

    /// <summary>The signals that the server reads; nothing else is blocked.</summary>
    internal static ReadOnlySpan<int> HandledSignals =>
        [libc.SIGCHLD, libc.SIGTERM, libc.SIGHUP, libc.SIGQUIT, libc.SIGABRT, libc.SIGUSR1];

    /// <summary>Runs until a signal ends the server. It returns with the server held, so that nothing happens any more.</summary>
    internal Outcome Run(Diagnostics diagnostics)
    {
        var watched = new libc.pollfd { fd = signals, events = libc.POLLIN };
        while (!stopping)
        {
            if (libc.poll(&watched, 1, -1) < 0 && libc.errno != libc.EINTR)
                return diagnostics.Fatal(Errno.Last, "unable to poll"u8);
            server->Lock();
            Errno error = HandleAll();
            if (stopping)
            {
                server->Hold();
                server->Log.Exiting();
            }
            server->Unlock();
            if (error.Failed)
                return diagnostics.Fatal(error, "unable to read signals"u8);
        }
        return Outcome.Exit(ExitCode.Success);
    }

    /// <summary>All pending signals, so that those which ended the server and the ends of children that came with them are told of.</summary>
    private Errno HandleAll()
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
        server->Log.Received(signal);
        switch (signal)
        {
            case libc.SIGCHLD:
                Reap();
                break;
            case libc.SIGUSR1:
                server->Log.RequestedStatus(server->Connections.Registered);
                break;
            case libc.SIGTERM:
                stopping = true;
                break;
            case libc.SIGHUP:
            case libc.SIGQUIT:
                server->Hold();
                server->Connections.SignalAll(libc.SIGTERM);
                server->Connections.SignalAll(libc.SIGCONT);
                server->Release();
                stopping |= signal == libc.SIGQUIT;
                break;
            case libc.SIGABRT:
                server->Hold();
                server->Connections.SignalAll(libc.SIGKILL);
                server->Release();
                stopping = true;
                break;
        }
    }

    /// <summary>Waits for every child that ended, also for those that this server didn't start: the process had them before.</summary>
    private readonly void Reap()
    {
        // Without memory to remember an end, the children wait for the next one.
        while (!server->Connections.ReserveEnd().Failed)
        {
            int status;
            int pid = libc.waitpid(-1, &status, libc.WNOHANG);
            if (pid < 0 && libc.errno == libc.EINTR)
                continue;
            if (pid <= 0)
                return;
            if (!server->Connections.End(pid, status, out uint user))
                continue;
            server->Log.End(pid, user, status);
            server->Log.Status(server->Connections.Registered);
            server->SlotFreed();
        }
    }
}
