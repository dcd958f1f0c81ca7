using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Messages;
using LocalService.Posix;

namespace LocalService.FdHolder;

/// <summary>
/// The work of the holder: one thread that never waits for a single client. In a turn it looks at signals, then at answers that wait to be
/// sent, then at requests, then at one new client. Specification "fdholder", section 3.
/// </summary>
/// <param name="options">What it is told to do.</param>
/// <param name="rules">What clients may do.</param>
/// <param name="timer">Wakes it when something expires.</param>
/// <param name="signals">The descriptor of <see cref="HandledSignals"/>.</param>
internal unsafe ref struct HolderLoop(HolderOptions options, RuleBook rules, ExpiryTimer timer, int signals)
{
    // What is watched: these, then the clients.
    private const int Signal = 0;
    private const int Timer = 1;
    private const int Listener = 2;
    private const int FirstClient = 3;

    private const int PauseMilliseconds = 50;

    // More than were open when the holder started, and what it opens for a moment.
    private const int OtherNumbers = 64;

    private readonly int places = (int)options.MaximumClients;
    private HeldDescriptors held = new(options.MaximumDescriptors);
    private RuleBook rules = rules;
    private ExpiryTimer timer = timer;
    private HolderSession* clients;
    private int connected;
    private BackOff backOff;
    private Interruptions interruptions;
    private TimeLimit pause;
    private TimeLimit lameDuck;
    private bool isPaused;
    private int postponed; // a client that was accepted and whose rights could not be looked up yet, or 0
    private bool stopping;

    /// <summary>The signals that the holder reads; nothing else is blocked.</summary>
    internal static ReadOnlySpan<int> HandledSignals => [libc.SIGTERM, libc.SIGHUP];

    /// <summary>Runs until SIGTERM. Exit codes are those of specification "fdholder", section 3.3.</summary>
    internal Outcome Run(Diagnostics diagnostics)
    {
        clients = (HolderSession*)Arena.Allocate((nuint)places * (nuint)sizeof(HolderSession));
        pollfd* watched = stackalloc pollfd[FirstClient + places];
        while (!stopping || (!lameDuck.IsOver && IsAnyAnswerPending()))
        {
            int count = Watch(watched);
            int ready = LibC.poll(watched, (uint)count, MillisecondsToWait());
            if (ready < 0 && libc.errno != libc.EINTR)
                OvercomePoll(Errno.Last, watched, count);
            if (watched[Timer].revents != 0)
                timer.Acknowledge();
            held.Expire(TaiDate.Now);
            DropOverdue();
            if (watched[Signal].revents != 0)
                HandleSignals();
            Serve(watched, LibC.POLLOUT);
            if (stopping)
                continue;
            Serve(watched, LibC.POLLIN);
            if ((watched[Listener].revents & ~LibC.POLLIN) != 0)
                return diagnostics.Fatal(ExitCode.System, "trouble with socket"u8);
            isPaused &= !pause.IsOver;
            if (watched[Listener].revents != 0 || (postponed > 0 && !isPaused))
            {
                Errno error = AcceptOne();
                if (error.Failed)
                    return diagnostics.Fatal(error, "unable to accept"u8);
            }
        }
        return Outcome.Exit((held.Count > 0 ? 1 : 0) + (connected > 0 ? 2 : 0));
    }

    /// <summary>Fills in what poll(2) is to watch; it passes over negative descriptors. Returns how many places are in use.</summary>
    private int Watch(pollfd* watched)
    {
        bool accepts = !stopping && connected < places && !isPaused && postponed == 0;
        watched[Signal] = new pollfd { fd = signals, events = LibC.POLLIN };
        watched[Timer] = new pollfd { fd = timer.Number, events = LibC.POLLIN };
        watched[Listener] = new pollfd { fd = accepts ? ListeningSocket.Number : -1, events = LibC.POLLIN };
        if (held.TryGetNextExpiry(out TaiDate expiry))
            timer.Arm(expiry);
        else if (timer.MillisecondsLeft >= 0)
            timer.Acknowledge();
        int count = FirstClient;
        for (int i = 0; i < places; i++)
        {
            bool isAnswered = clients[i].IsConnected && clients[i].IsBeingAnswered;
            bool isRead = clients[i].IsConnected && !stopping && clients[i].Reads;
            short events = (short)((isAnswered ? LibC.POLLOUT : 0) | (isRead ? LibC.POLLIN : 0));
            bool isWatched = clients[i].IsConnected && events != 0;
            watched[FirstClient + i] = new pollfd { fd = isWatched ? clients[i].Socket : -1, events = events };
            if (isWatched)
                count = FirstClient + i + 1;
        }
        return count;
    }

    private readonly int MillisecondsToWait()
    {
        int least = timer.MillisecondsLeft;
        if (stopping)
            least = TimeLimit.Sooner(least, lameDuck.Left);
        if (isPaused)
            least = TimeLimit.Sooner(least, pause.Left);
        for (int i = 0; i < places; i++)
        {
            if (clients[i].IsConnected)
                least = TimeLimit.Sooner(least, clients[i].MillisecondsLeft);
        }
        return least;
    }

    private readonly bool IsAnyAnswerPending()
    {
        bool pending = false;
        for (int i = 0; i < places; i++)
            pending |= clients[i].IsConnected && clients[i].IsBeingAnswered;
        return pending;
    }

    /// <summary>
    /// What is held would be lost if the holder ended: it asks everybody it knows instead, after a moment, without knowing who has something
    /// for it (decision 30).
    /// </summary>
    private void OvercomePoll(Errno error, pollfd* watched, int count)
    {
        Warn(error, "unable to poll"u8);
        BackOff.Rest();
        for (int i = 0; i < count; i++)
            watched[i].revents = watched[i].fd < 0 ? (short)0 : watched[i].events;
    }

    private void HandleSignals()
    {
        while (true)
        {
            Result<int> signal = Signals.Next(signals, out _);
            if (signal.Failed)
            {
                Warn(signal.Error, "unable to read signals"u8);
                BackOff.Rest();
            }
            if (signal.Failed || signal.Value == 0)
                return;
            if (signal.Value == libc.SIGHUP)
            {
                rules.Reopen();
            }
            else if (!stopping)
            {
                stopping = true;
                lameDuck = new TimeLimit(options.LameDuckMilliseconds);
            }
        }
    }

    private void DropOverdue()
    {
        for (int i = 0; i < places; i++)
        {
            if (clients[i].IsConnected && clients[i].IsOverdue)
                Drop(i);
        }
    }

    /// <summary>Goes on with the clients that were watched for an event and have it, or trouble instead.</summary>
    private void Serve(pollfd* watched, short wanted)
    {
        for (int i = 0; i < places; i++)
        {
            pollfd* client = &watched[FirstClient + i];
            // Trouble shows with whatever it is watched for first.
            if (client->fd < 0 || (client->events & wanted) == 0 || (client->revents & ~(client->events & ~wanted)) == 0)
                continue;
            client->fd = -1;
            if (wanted == LibC.POLLIN)
                Receive(i);
            else
                Proceed(i);
        }
    }

    /// <summary>Takes what a client has sent, if anything, and does what it asks for.</summary>
    private void Receive(int place)
    {
        bool mayLoseSome = AreNumbersShort();
        if (mayLoseSome)
            interruptions.Begin(ForeignDescriptorThread.IntervalNanoseconds);
        Errno error = clients[place].Receive();
        if (mayLoseSome)
            interruptions.End();
        if (error.Is(libc.ENOBUFS))
            DropLargestHoldUp();
        bool isStillAnswered = error.Is(libc.EPIPE) && clients[place].IsBeingAnswered;
        if (error.Is(libc.EAGAIN) || isStillAnswered)
            return;
        if (error.Failed)
            Drop(place);
        else
            Proceed(place);
    }

    private void Proceed(int place)
    {
        if (Proceed(&clients[place]).Failed)
            Drop(place);
    }

    /// <summary>Flushes the answers, then handles the next complete request, and so on.</summary>
    private Errno Proceed(HolderSession* client)
    {
        while (true)
        {
            Errno error = Flush(client);
            if (error.Failed && !error.Is(libc.EAGAIN))
                return error;
            if (!client->MayProceed)
                return default;
            Result<bool> next = client->Next(out Message message);
            if (next.Failed)
                return next.Error;
            held.NumberLimit = options.DescriptorLimit - FreeNumbers();
            if (!next.Value)
                return AwaitRest(client);
            Errno refused = held.Answer(client, message);
            if (refused.Failed)
                return refused;
        }
    }

    /// <summary>A request is here in part, or none. EPROTO when descriptors wait for its rest that may not.</summary>
    private readonly Errno AwaitRest(HolderSession* client)
    {
        client->AwaitRest();
        return MayWait(client) ? default : new Errno(libc.EPROTO);
    }

    /// <summary>Sends what waits for a client. EAGAIN when it doesn't take all of it.</summary>
    private Errno Flush(HolderSession* client)
    {
        Errno error = default;
        while (client->IsBeingAnswered && !error.Failed)
        {
            error = client->Writer.Flush(client->Socket);
            if (!error.Failed)
                error = held.ContinueAnswer(client);
        }
        return error;
    }

    /// <summary>
    /// How many of the highest descriptor numbers are not for holding: one for what comes with the next message and, as long as there may be
    /// another client, what it takes to let it in.
    /// </summary>
    private readonly int FreeNumbers() =>
        connected == places ? 1 : 1 + (rules.DescriptorsNeeded > 0 ? rules.DescriptorsNeeded : 1);

    private void Drop(int place)
    {
        if (!clients[place].IsConnected)
            return;
        held.Forget(&clients[place]);
        clients[place].Disconnect();
        connected--;
    }

    /// <summary>
    /// Whether a client may have so many descriptors that wait for the rest of their message: as its rights say, and beyond its share only as
    /// long as nobody else needs the numbers.
    /// </summary>
    private readonly bool MayWait(HolderSession* client)
    {
        int waiting = client->WaitingDescriptors;
        return waiting <= client->Rights.MostDescriptors && (waiting <= Share || client->LastDescriptor < held.NumberLimit);
    }

    /// <summary>How many waiting descriptors of a client take nothing from anybody.</summary>
    private readonly int Share => 1 + (options.DescriptorLimit / (2 * (places + 1)));

    /// <summary>
    /// Descriptor numbers have run out: of the clients that have stopped in the middle of a message the one with the most descriptors goes,
    /// if that is more than its share.
    /// </summary>
    private void DropLargestHoldUp()
    {
        int largest = 0;
        for (int i = 0; i < places; i++)
        {
            if (clients[i].IsConnected && clients[i].WaitingDescriptors > clients[largest].WaitingDescriptors)
                largest = i;
        }
        if (clients[largest].WaitingDescriptors > Share)
            Drop(largest);
    }

    /// <summary>
    /// Whether there may be fewer free numbers than a message has descriptors: then recvmsg(2) drops some, which takes as long as closing
    /// them, unless it is interrupted.
    /// </summary>
    private bool AreNumbersShort()
    {
        int used = OtherNumbers + held.Count + places + ForeignDescriptors.Unfinished + MessageFormat.MostDescriptors;
        for (int i = 0; i < places; i++)
            used += clients[i].WaitingDescriptors;
        if (used < options.DescriptorLimit)
            return false;
        if (!interruptions.Work)
            _ = interruptions.Open();
        return true;
    }

    /// <summary>Lets a client in, or keeps it out, or, while the system is short of something, leaves it for later.</summary>
    private Errno AcceptOne()
    {
        int connection = postponed > 0 ? postponed : libc.accept4(ListeningSocket.Number, null, null, libc.SOCK_NONBLOCK | libc.SOCK_CLOEXEC);
        postponed = 0;
        Errno error = Errno.Of(connection);
        // The client that was there is gone again, or another process has it.
        if (error.Number is libc.EAGAIN or libc.ECONNABORTED or libc.EINTR)
            return default;
        int place = 0;
        while (clients[place].IsConnected)
            place++;
        Errno refused = error.Failed ? error : rules.Admit(connection, ref clients[place].Rights);
        if (!refused.Failed)
        {
            clients[place].Connect(connection, options.ClientMilliseconds);
            connected++;
            // Most clients have sent their first request by now.
            Receive(place);
            return default;
        }
        if (BackOff.IsExhaustion(refused) || (error.Failed && !IsTroubleWithListener(error)))
        {
            Pause(refused);
            postponed = error.Failed ? 0 : connection;
            return default;
        }
        // Nothing that it has sent was read.
        if (!error.Failed)
            ForeignDescriptors.CloseAtOnce(connection);
        return error;
    }

    /// <summary>Whether accept(2) says that it never can; anything else is about one client, or a matter of time.</summary>
    private static bool IsTroubleWithListener(Errno error) =>
        error.Number is libc.EBADF or libc.ENOTSOCK or libc.EINVAL or libc.EOPNOTSUPP;

    /// <summary>Leaves new clients waiting for a moment, and says so at most once a second (decision 11).</summary>
    private void Pause(Errno error)
    {
        Warn(error, "unable to accept"u8);
        DropLargestHoldUp();
        isPaused = true;
        pause = new TimeLimit(PauseMilliseconds);
    }

    private void Warn(Errno error, ReadOnlySpan<byte> unable)
    {
        if (options.Verbosity > 0 && backOff.MayWarn())
            new Diagnostics(FdHolderd.Program).Warning(error, unable);
    }
}
