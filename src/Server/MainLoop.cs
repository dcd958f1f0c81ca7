using System;
using System.Runtime.CompilerServices;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Server;

/// <summary>
/// The first thread of the server. It reads the signals and waits for the children that end. As long as it is the only thread it also accepts; when
/// clients come faster than it can start their programs, it leaves accepting to other threads. An idle server needs none. Specification "server",
/// sections 4.2 and 4.5.
/// </summary>
/// <param name="server">The state that the threads share.</param>
/// <param name="acceptor">The acceptor of this thread.</param>
/// <param name="signals">The descriptor of <see cref="HandledSignals"/>.</param>
/// <typeparam name="TPeer">The clients.</typeparam>
internal unsafe ref struct MainLoop<TPeer>(ServerState<TPeer>* server, Acceptor<TPeer>* acceptor, int signals)
    where TPeer : unmanaged, IPeer<TPeer>
{
    private ChildReaper<TPeer> reaper = new(server);
    private bool accepts = true;
    private bool startsThreads = true;
    private bool stopping;
    private bool draining;
    private bool hasLeft;
    private int endSignal; // what the children get when the server has ended; 0: nothing

    // How often a draining server checks whether a client waits to be accepted, and whether gates have answered.
    private const int DrainMilliseconds = 10;

    /// <summary>The signals that the server reads; nothing else is blocked.</summary>
    internal static ReadOnlySpan<int> HandledSignals =>
        [libc.SIGCHLD, libc.SIGTERM, libc.SIGHUP, libc.SIGQUIT, libc.SIGABRT, libc.SIGUSR1, libc.SIGUSR2];

    /// <summary>
    /// Runs until a signal ends the server, or until it is no longer needed. It returns with the server held, so that nothing happens any more.
    /// </summary>
    internal Outcome Run(Diagnostics diagnostics)
    {
        ExecutableImage.DropStart();
        pollfd* watched = stackalloc pollfd[2];
        watched[0] = new pollfd { fd = signals, events = LibC.POLLIN };
        watched[1] = new pollfd { events = LibC.POLLIN };
        bool served = false;
        while (!stopping)
        {
            // poll(2) ignores negative descriptors.
            watched[1].fd = accepts && !acceptor->IsWaiting && server->HasSlot ? ListeningSocket.Number : -1;
            int ready = LibC.poll(watched, 2, served ? 0 : MillisecondsLeft());
            bool comesAtOnce = served;
            served = false;
            if (ready < 0)
                OvercomePoll(Errno.Last, watched);
            reaper.Search();
            acceptor->RetryIfWaiting();
            if (ready < 0)
                acceptor->Rest();
            if (MindsTime)
            {
                MindTime();
                if (!server->HasSlot)
                    watched[1].revents = 0;
            }
            if (ready == 0 || stopping)
                continue;
            if (watched[0].revents != 0)
                HandleSignals();
            else if ((watched[1].revents & ~LibC.POLLIN) != 0)
            {
                return diagnostics.Fatal(ExitCode.System, "trouble with socket"u8);
            }
            else if (startsThreads && (server->Program.GatesMayWait || (comesAtOnce && server->Options.Threads > 1)))
            {
                LeaveToThreads();
            }
            else if (watched[1].revents != 0)
            {
                served = acceptor->TryReserveSlot() && acceptor->TryAcceptOne();
            }
        }
        return Outcome.Exit(ExitCode.Success);
    }

    private readonly bool MindsTime => server->Options.Lifetime != 0 || server->Options.Idle != 0 || draining;

    /// <summary>Handles everything that depends on time: lifetimes of connections, and of a server without any.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void MindTime()
    {
        server->Lock();
        EndOverdue(ref server->Connections.Lifetimes);
        if (draining && !ListeningSocket.HasClient)
            server->StopAccepting();
        if (!hasLeft && server->HasStoppedAccepting)
        {
            hasLeft = true;
            ListeningSocket.Leave(signals);
        }
        bool isUseless = server->IsUseless && !ListeningSocket.HasClient;
        if (isUseless)
            server->Log.Useless();
        stopping = isUseless || (hasLeft && server->IsEmpty);
        if (stopping)
            Finish();
        server->Unlock();
    }

    private readonly void EndOverdue(ref Lifetimes lifetimes)
    {
        if (!lifetimes.BeginSearch(out uint now))
            return;
        for (int place = 0; place < lifetimes.Places; place++)
        {
            if (!lifetimes.TryTakeDue(place, now, out int pid, out int signal))
                continue;
            server->Log.Overdue(pid, isKilled: signal == libc.SIGKILL);
            // A child that was not waited for keeps its process id.
            _ = libc.kill(pid, signal);
            _ = libc.kill(pid, libc.SIGCONT);
        }
        lifetimes.EndSearch(now);
    }

    private readonly int TimeLeft()
    {
        int left = TimeLimit.Sooner(server->Connections.Lifetimes.MillisecondsLeft(othersBegin: !accepts), server->IdleMillisecondsLeft);
        // The end of the last connection is no event that this loop would wake for again: it has just been handled.
        return draining && (!hasLeft || server->IsMoving || server->IsEmpty) ? TimeLimit.Sooner(left, DrainMilliseconds) : left;
    }

    private readonly int MillisecondsLeft()
    {
        int left = reaper.MillisecondsLeft();
        if (MindsTime)
            left = TimeLimit.Sooner(left, TimeLeft());
        return acceptor->IsWaiting && (left < 0 || left > BackOff.RestMilliseconds) ? BackOff.RestMilliseconds : left;
    }

    /// <summary>
    /// Handles a poll(2) that was interrupted, is out of memory, or accepts fewer descriptors than these (EINVAL, the limit on open files). Signals
    /// are read all the same, and clients wait for the next turn.
    /// </summary>
    private readonly void OvercomePoll(Errno error, pollfd* watched)
    {
        watched[0].revents = LibC.POLLIN;
        watched[1].revents = 0;
        if (error.Is(libc.EINTR))
            return;
        server->Lock();
        server->WarnOfExhaustion("poll"u8, default, error);
        server->Unlock();
        BackOff.Rest();
    }

    /// <summary>
    /// Leaves accepting to other threads from now on, as many as it takes: a client was waiting when the one before it had been served, or a gate may
    /// have to wait.
    /// </summary>
    private void LeaveToThreads()
    {
        server->Lock();
        startsThreads = false;
        accepts = server->StartThread().Failed;
        if (accepts)
            server->Options.Threads = 1;
        server->Unlock();
    }

    private void HandleSignals()
    {
        server->Lock();
        Errno error = HandleAll();
        if (error.Failed)
            server->WarnOfExhaustion("read signals"u8, default, error);
        if (stopping)
            Finish();
        server->Unlock();
        if (error.Failed)
            BackOff.Rest();
    }

    private readonly void Finish()
    {
        acceptor->GiveUp();
        server->Finish();
        // Now every child is known: also those of clients that had been accepted when the signal came.
        if (endSignal != 0)
            SignalAll(endSignal);
        server->Log.GivenUp(server->Connections.Begun);
        server->Log.Exiting();
    }

    /// <summary>Handles all pending signals, so that the log tells of those that ended the server and of children that ended with them.</summary>
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

    /// <summary>Waits until every child is known, and sends a signal to all of them.</summary>
    private readonly void SignalChildren(int signal)
    {
        acceptor->GiveUp();
        server->Hold();
        SignalAll(signal);
        server->Release();
    }

    /// <summary>Sends a signal to all children, which must be known; those that are stopped go on in order to handle it.</summary>
    private readonly void SignalAll(int signal)
    {
        server->Connections.SignalAll(signal);
        if (signal != libc.SIGKILL)
            server->Connections.SignalAll(libc.SIGCONT);
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
            case libc.SIGUSR2:
                // The second SIGUSR2 also leaves the clients that wait to be accepted.
                if (draining)
                    server->StopAccepting();
                draining = true;
                break;
            case libc.SIGTERM:
                stopping = true;
                break;
            case libc.SIGHUP:
                SignalChildren(libc.SIGTERM);
                break;
            case libc.SIGQUIT:
            case libc.SIGABRT:
                if (endSignal != libc.SIGKILL)
                    endSignal = signal == libc.SIGABRT ? libc.SIGKILL : libc.SIGTERM;
                stopping = true;
                break;
        }
    }
}
