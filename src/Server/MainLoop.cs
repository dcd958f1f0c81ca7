using System;
using LocalService.CommandLine;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Server;

/// <summary>
/// The first thread of the server. It reads the signals and waits for the children that end. As long as it is the only one it also accepts;
/// when clients come faster than it can start their programs it leaves that to threads, and an idle server needs none.
/// Specification "server", sections 4.2 and 4.5.
/// </summary>
/// <param name="server">What the threads share.</param>
/// <param name="acceptor">What accepts in this thread.</param>
/// <param name="signals">The descriptor of <see cref="HandledSignals"/>.</param>
internal unsafe ref struct MainLoop(ServerState* server, Acceptor* acceptor, int signals)
{
    private ChildReaper reaper = new(server);
    private bool accepts = true;
    private bool stopping;

    /// <summary>The signals that the server reads; nothing else is blocked.</summary>
    internal static ReadOnlySpan<int> HandledSignals =>
        [libc.SIGCHLD, libc.SIGTERM, libc.SIGHUP, libc.SIGQUIT, libc.SIGABRT, libc.SIGUSR1];

    /// <summary>Runs until a signal ends the server. It returns with the server held, so that nothing happens any more.</summary>
    internal Outcome Run(Diagnostics diagnostics)
    {
        ExecutableCode.DropAllButTheFirstWindow();
        libc.pollfd* watched = stackalloc libc.pollfd[2];
        watched[0] = new libc.pollfd { fd = signals, events = libc.POLLIN };
        watched[1] = new libc.pollfd { events = libc.POLLIN };
        bool served = false;
        while (!stopping)
        {
            // poll(2) passes over negative descriptors.
            watched[1].fd = accepts && server->HasSlot ? Acceptor.Listener : -1;
            int ready = libc.poll(watched, 2, served ? 0 : reaper.MillisecondsLeft());
            if (ready < 0 && libc.errno != libc.EINTR)
                return diagnostics.Fatal(Errno.Last, "unable to poll"u8);
            bool comesAtOnce = served;
            served = false;
            reaper.Search();
            if (ready <= 0)
                continue;
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
            else if (comesAtOnce && server->Options.Threads > 1)
            {
                LeaveToThreads();
            }
            else
            {
                served = acceptor->TryReserveSlot() && acceptor->TryAcceptOne();
            }
        }
        return Outcome.Exit(ExitCode.Success);
    }

    /// <summary>A client was waiting when the one before it had been served: others accept from now on, as many as it takes.</summary>
    private void LeaveToThreads()
    {
        server->Lock();
        accepts = server->StartThread().Failed;
        if (accepts)
            server->Options.Threads = 1;
        server->Unlock();
    }

    private Errno HandleSignals()
    {
        server->Lock();
        Errno error = HandleAll();
        if (stopping)
        {
            server->Finish();
            server->Log.Exiting();
        }
        server->Unlock();
        return error;
    }

    /// <summary>All pending signals, so that those which ended the server and the ends of children that came with them are told of.</summary>
    private Errno HandleAll()
    {
        while (true)
        {
            Result<int> signal = Signals.Next(signals, out int processId);
            if (signal.Failed)
                return signal.Error;
            if (signal.Value == 0)
                return default;
            Handle(signal.Value, processId);
        }
    }

    private void Handle(int signal, int processId)
    {
        server->Log.Received(signal);
        switch (signal)
        {
            case libc.SIGCHLD:
                reaper.ChildEnded(processId);
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
}
