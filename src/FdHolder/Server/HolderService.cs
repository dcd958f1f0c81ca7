using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Messages;
using LocalService.Posix;
using LocalService.Services;

namespace LocalService.FdHolder;

/// <summary>
/// The work of the holder, which never waits for a single client. In each turn it handles signals, deadlines, then answers that wait to be sent and
/// requests, and one new client. It must not move in memory. Specification "fdholder", section 3.
/// </summary>
/// <param name="options">The options of the holder.</param>
/// <param name="rules">The rules for the rights of clients.</param>
/// <param name="timer">Wakes it when a descriptor expires.</param>
internal unsafe struct HolderService(HolderOptions options, RuleBook rules, ExpiryTimer timer) : IService
{
    // The tags of descriptors and deadlines: these, then the clients.
    private const uint TimerTag = 0;
    private const uint ListenerTag = 1;
    private const uint PauseTag = 2;
    private const uint LameDuckTag = 3;
    private const uint CloseTag = 4;
    private const uint FirstClient = 5;

    private const uint PauseMilliseconds = 50;

    // More descriptors than were open when the holder started, and than it opens for a moment.
    private const int OtherNumbers = 64;

    private readonly int places = (int)options.MaximumClients;
    private HeldDescriptors held = new(options.MaximumDescriptors);
    private RuleBook rules = rules;
    private ExpiryTimer timer = timer;
    private HolderSession* clients;
    private int connected;
    private BackOff backOff;
    private Interruptions interruptions;
    private ClientWatch listenerWatch;
    private ClientWatch timerWatch;
    private bool isPaused;
    private bool closesAgain;
    private int postponed; // a client that was accepted and whose rights could not be looked up yet, or 0
    private bool stopping;

    /// <summary>The status that other processes may see. Connections are identified by their place.</summary>
    internal ServerStatus Status;

    /// <summary>The signals that the holder reads; nothing else is blocked.</summary>
    internal static ReadOnlySpan<int> HandledSignals => [libc.SIGTERM, libc.SIGHUP];

    private readonly int Code => (held.Count > 0 ? 1 : 0) + (connected > 0 ? 2 : 0);

    /// <summary>Begins to wait for clients. ENOMEM, ENOSPC.</summary>
    internal Errno Begin(ref EventLoop loop)
    {
        clients = (HolderSession*)Arena.Allocate((nuint)places * (nuint)sizeof(HolderSession));
        Errno error = loop.ReserveDeadlines((int)FirstClient + places);
        if (!error.Failed && timer.Number >= 0)
            error = timerWatch.Follow(ref loop, timer.Number, libc.EPOLLIN, TimerTag);
        return error && FollowListener(ref loop);
    }

    /// <inheritdoc/>
    public void Ready(ref EventLoop loop, uint tag, uint events)
    {
        if (tag == TimerTag)
            timer.Acknowledge();
        else if (tag == ListenerTag)
            Accept(ref loop, events);
        else if (clients[tag - FirstClient].IsConnected)
            Serve(ref loop, (int)(tag - FirstClient), events);
    }

    /// <inheritdoc/>
    public void Deadline(ref EventLoop loop, uint tag)
    {
        switch (tag)
        {
            case TimerTag:
                timerWatch.DeadlineIsGone(); // the end of the turn looks for expired descriptors
                break;
            case PauseTag:
                isPaused = false;
                if (postponed > 0 && !stopping)
                    Accept(ref loop, libc.EPOLLIN);
                break;
            case CloseTag:
                closesAgain = false; // at the end of the turn
                break;
            case LameDuckTag:
                loop.End(Code);
                break;
            default:
                int place = (int)(tag - FirstClient);
                clients[place].Watch.DeadlineIsGone();
                if (clients[place].IsOverdue)
                    Drop(ref loop, place);
                else
                    Follow(ref loop, place);
                break;
        }
    }

    /// <inheritdoc/>
    public void Signal(ref EventLoop loop, int number)
    {
        if (number == libc.SIGHUP)
        {
            rules.Reopen();
        }
        else if (!stopping)
        {
            stopping = true;
            ServiceManager.Tell(ServiceManager.Stopping, options.Verbosity, new Diagnostics(FdHolderd.Program));
            if (options.LameDuckMilliseconds > 0)
                _ = loop.AddDeadline(Moment.Now.PlusMilliseconds(options.LameDuckMilliseconds), LameDuckTag);
            for (int i = 0; i < places; i++)
                Follow(ref loop, i);
        }
    }

    /// <inheritdoc/>
    public void EndTurn(ref EventLoop loop)
    {
        held.Expire(TaiDate.Now);
        if (held.TryGetNextExpiry(out TaiDate expiry))
            timer.Arm(expiry);
        else if (timer.MillisecondsLeft >= 0)
            timer.Acknowledge();
        timerWatch.Follow(ref loop, timer.MillisecondsLeft, TimerTag);
        if (!closesAgain && ForeignDescriptors.AreStuck())
        {
            closesAgain = true;
            Warn(new Errno(libc.EAGAIN), "unable to start the thread that closes descriptors"u8);
            _ = loop.AddDeadline(Moment.Now.PlusMilliseconds(PauseMilliseconds), CloseTag);
        }
        Errno error = FollowListener(ref loop);
        if (error.Failed)
            Pause(ref loop, error);
        if (stopping && !IsAnyAnswerPending())
            loop.End(Code);
    }

    private Errno FollowListener(ref EventLoop loop)
    {
        bool accepts = !stopping && connected < places && !isPaused && postponed == 0;
        return listenerWatch.Follow(ref loop, ListeningSocket.Number, accepts ? libc.EPOLLIN : 0, ListenerTag);
    }

    /// <summary>Waits for the next event of a client, and for its time limit.</summary>
    private void Follow(ref EventLoop loop, int place)
    {
        HolderSession* client = &clients[place];
        if (!client->IsConnected)
            return;
        uint events = (client->IsBeingAnswered ? libc.EPOLLOUT : 0) | (!stopping && client->Reads ? libc.EPOLLIN : 0);
        Errno error = client->Watch.Follow(ref loop, client->Socket, events, FirstClient + (uint)place);
        if (error.Failed)
        {
            Warn(error, "unable to watch client"u8);
            Drop(ref loop, place);
            return;
        }
        client->Watch.Follow(ref loop, client->MillisecondsLeft, FirstClient + (uint)place);
    }

    private readonly bool IsAnyAnswerPending()
    {
        bool pending = false;
        for (int i = 0; i < places; i++)
            pending |= clients[i].IsConnected && clients[i].IsBeingAnswered;
        return pending;
    }

    /// <summary>Continues with a client when the awaited event has come, or an error instead, which shows with the answers first.</summary>
    private void Serve(ref EventLoop loop, int place, uint events)
    {
        if ((clients[place].Watch.Events & libc.EPOLLOUT) != 0 && (events & ~libc.EPOLLIN) != 0)
            Proceed(ref loop, place);
        else if (!stopping)
            Receive(ref loop, place);
    }

    /// <summary>Receives the data that a client has sent, if any, and handles its requests.</summary>
    private void Receive(ref EventLoop loop, int place)
    {
        // A request must not find descriptors that have expired.
        held.Expire(TaiDate.Now);
        bool mayLoseSome = AreNumbersShort();
        if (mayLoseSome)
            interruptions.Begin(ForeignDescriptorThread.IntervalNanoseconds);
        Errno error = clients[place].Receive();
        if (mayLoseSome)
            interruptions.End();
        if (error.Is(libc.ENOBUFS))
            DropLargestHoldUp(ref loop);
        bool isStillAnswered = error.Is(libc.EPIPE) && clients[place].IsBeingAnswered;
        if (error.Is(libc.EAGAIN) || isStillAnswered)
            Follow(ref loop, place);
        else if (error.Failed)
            Drop(ref loop, place);
        else
            Proceed(ref loop, place);
    }

    private void Proceed(ref EventLoop loop, int place)
    {
        if (Proceed(&clients[place]).Failed)
            Drop(ref loop, place);
        else
            Follow(ref loop, place);
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

    /// <summary>Waits for the rest of a request, or for a new one. EPROTO when descriptors wait for the rest that may not.</summary>
    private readonly Errno AwaitRest(HolderSession* client)
    {
        client->AwaitRest();
        return MayWait(client) ? default : new Errno(libc.EPROTO);
    }

    /// <summary>Flushes the answers that wait for a client. EAGAIN when it doesn't take all of them.</summary>
    private Errno Flush(HolderSession* client)
    {
        Errno error = default;
        while (client->IsBeingAnswered && !error.Failed)
        {
            error = client->Writer.Flush(client->Socket) && held.ContinueAnswer(client);
        }
        return error;
    }

    /// <summary>
    /// How many of the highest descriptor numbers are not for holding: one for the descriptor of the next message and, as long as there may be
    /// another client, those that are needed to let it in.
    /// </summary>
    private readonly int FreeNumbers() =>
        connected == places ? 1 : 1 + (rules.DescriptorsNeeded > 0 ? rules.DescriptorsNeeded : 1);

    private void Drop(ref EventLoop loop, int place)
    {
        if (!clients[place].IsConnected)
            return;
        clients[place].Watch.End(ref loop, clients[place].Socket);
        held.Forget(&clients[place]);
        clients[place].Disconnect();
        connected--;
        Status.End((uint)place);
        Status.SetLive((uint)connected);
    }

    /// <summary>
    /// Whether so many descriptors of a client may wait for the rest of their message: within its rights, and beyond its share only as long as no
    /// other client needs the numbers.
    /// </summary>
    private readonly bool MayWait(HolderSession* client)
    {
        int waiting = client->WaitingDescriptors;
        return waiting <= client->Rights.MostDescriptors && (waiting <= Share || client->LastDescriptor < held.NumberLimit);
    }

    /// <summary>How many waiting descriptors of a client take no numbers from other clients.</summary>
    private readonly int Share => 1 + (options.DescriptorLimit / (2 * (places + 1)));

    /// <summary>
    /// Frees descriptor numbers when they have run out: among the clients that have stopped in the middle of a message, drops the one with the most
    /// descriptors, if that is more than its share.
    /// </summary>
    private void DropLargestHoldUp(ref EventLoop loop)
    {
        int largest = 0;
        for (int i = 0; i < places; i++)
        {
            if (clients[i].IsConnected && clients[i].WaitingDescriptors > clients[largest].WaitingDescriptors)
                largest = i;
        }
        if (clients[largest].WaitingDescriptors > Share)
            Drop(ref loop, largest);
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

    /// <summary>Lets a client in, or keeps it out, or, while the system is short of a resource, leaves it for later.</summary>
    private void Accept(ref EventLoop loop, uint events)
    {
        if (stopping)
            return;
        if ((events & ~libc.EPOLLIN) != 0)
        {
            loop.End(new Diagnostics(FdHolderd.Program).Fatal(ExitCode.System, "trouble with socket"u8).Code);
            return;
        }
        Errno error = AcceptOne(ref loop);
        if (error.Failed)
            loop.End(new Diagnostics(FdHolderd.Program).Fatal(error, "unable to accept"u8).Code);
    }

    private Errno AcceptOne(ref EventLoop loop)
    {
        int connection = postponed > 0 ? postponed : libc.accept4(ListeningSocket.Number, null, null, libc.SOCK_NONBLOCK | libc.SOCK_CLOEXEC);
        postponed = 0;
        Errno error = Errno.Of(connection);
        // The client that was there is gone again, or another process has accepted it.
        if (error.Number is libc.EAGAIN or libc.ECONNABORTED or libc.EINTR)
            return default;
        int place = 0;
        while (clients[place].IsConnected)
            place++;
        Errno refused = error.Failed ? error : rules.Admit(connection, out clients[place].Credentials, ref clients[place].Rights);
        if (!refused.Failed)
        {
            clients[place].Connect(connection, options.ClientMilliseconds);
            connected++;
            EnterStatus(place);
            // Most clients have sent their first request by now.
            Receive(ref loop, place);
            return default;
        }
        if (BackOff.IsExhaustion(refused) || (error.Failed && !IsTroubleWithListener(error)))
        {
            Pause(ref loop, refused);
            postponed = error.Failed ? 0 : connection;
            return default;
        }
        if (Status.Page != null && !error.Failed)
            CountRefusal(refused);
        // Nothing that the client has sent was read.
        if (!error.Failed)
            ForeignDescriptors.CloseAtOnce(connection);
        return error;
    }

    private void EnterStatus(int place)
    {
        if (Status.Page == null)
            return;
        PeerCredentials who = clients[place].Credentials;
        StatusEntry client = default;
        client.SetPeer(StatusEntry.Ids, 0, who.UserId, who.GroupId);
        Status.Page->Accepted++;
        Status.Begin((uint)place, who.ProcessId, client);
        Status.SetLive((uint)connected);
    }

    // As in a server, a client that a gate refuses counts as accepted.
    private readonly void CountRefusal(Errno refused)
    {
        if (refused.Is(libc.EINVAL))
        {
            Status.Page->Unidentified++;
            return;
        }
        Status.Page->Accepted++;
        Status.Page->RefusedByGate++;
    }

    /// <summary>Whether an error of accept(2) is permanent; any other error concerns one client, or passes.</summary>
    private static bool IsTroubleWithListener(Errno error) =>
        error.Number is libc.EBADF or libc.ENOTSOCK or libc.EINVAL or libc.EOPNOTSUPP;

    /// <summary>Leaves new clients waiting for a moment, and warns at most once a second (decision 11).</summary>
    private void Pause(ref EventLoop loop, Errno error)
    {
        if (Status.Page != null)
            Status.Page->Exhaustions++;
        Warn(error, "unable to accept"u8);
        DropLargestHoldUp(ref loop);
        if (!isPaused)
            _ = loop.AddDeadline(Moment.Now.PlusMilliseconds(PauseMilliseconds), PauseTag);
        isPaused = true;
    }

    private void Warn(Errno error, ReadOnlySpan<byte> unable)
    {
        if (options.Verbosity > 0 && backOff.MayWarn())
            new Diagnostics(FdHolderd.Program).Warning(error, unable);
    }
}
