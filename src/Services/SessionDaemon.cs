using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Services;

/// <summary>
/// A daemon that serves one client until it is gone: carries out its commands, and writes answers and events as the client takes them.
/// Specification "fd-passing", section 4, decisions 22 to 24.
/// </summary>
/// <typeparam name="TService">The service for the client.</typeparam>
internal struct SessionDaemon<TService> : IService where TService : struct, ISessionService
{
    private const uint CommandTag = ServiceLoop<SessionDaemon<TService>>.LargestTag;
    private const uint AnswerTag = CommandTag - 1;
    private const uint EventTag = CommandTag - 2;

    private TService service;
    private Session session;
    private bool isHeldBack; // commands wait until the client has taken answers
    private bool readsCommands;
    private bool writesAnswers;
    private bool writesEvents;
    private Trouble trouble;
    private Errno error;

    private enum Trouble : byte
    {
        None,
        InvalidRequest,
        Reading,
        Answering,
        Posting,
        Watching,
    }

    /// <summary>The signals that end the daemon well.</summary>
    private static ReadOnlySpan<int> HandledSignals => [libc.SIGTERM, libc.SIGINT, libc.SIGHUP, libc.SIGQUIT, libc.SIGABRT];

    /// <summary>Starts the session, serves it, and cleans up after it.</summary>
    /// <param name="service">What the daemon does.</param>
    /// <param name="greeting">The protocols that it speaks.</param>
    /// <param name="helloMilliseconds">How long the client may take to choose a protocol.</param>
    /// <param name="invocation">What the daemon was started with.</param>
    /// <param name="diagnostics">For messages.</param>
    internal static Outcome Run(
        TService service, Greeting greeting, uint helloMilliseconds, Invocation invocation, Diagnostics diagnostics)
    {
        var start = new DaemonStart(invocation, diagnostics);
        Outcome prepared = start.TakeSignals(HandledSignals);
        if (prepared.Code != ExitCode.Success)
            return prepared;
        var daemon = new SessionDaemon<TService> { service = service, session = Session.New };
        Errno error = SessionStart.Begin(greeting, invocation.Environment, helloMilliseconds, ref daemon.session);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to sync with client"u8);
        error = EventLoop.Open(out EventLoop loop);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to prepare for events"u8);
        // Commands that came along with the greeting.
        daemon.HandleCommands(ref loop);
        daemon.EndTurn(ref loop);
        ExecutableImage.DropInPieces();
        Outcome outcome = ServiceLoop<SessionDaemon<TService>>.Run(ref daemon, ref loop, start.Signals, diagnostics);
        daemon.service.Close();
        return daemon.Explain(outcome, diagnostics);
    }

    /// <inheritdoc/>
    public void Ready(ref EventLoop loop, uint tag, uint events)
    {
        switch (tag)
        {
            case CommandTag: ReceiveCommands(ref loop); break;
            case AnswerTag: HandleCommands(ref loop); break;
            case EventTag: break; // written at the end of the turn
            default: service.Ready(ref loop, ref session, tag); break;
        }
    }

    /// <inheritdoc/>
    public void Deadline(ref EventLoop loop, uint tag) => service.Deadline(ref loop, ref session, tag);

    /// <inheritdoc/>
    public void Signal(ref EventLoop loop, int number) => loop.End(ExitCode.Success);

    /// <summary>Writes the output of the turn, and waits for room when the client doesn't take all of it at once.</summary>
    public void EndTurn(ref EventLoop loop)
    {
        if (loop.IsOver && trouble != Trouble.None)
        {
            // The commands before the invalid one have their answers.
            if (trouble == Trouble.InvalidRequest)
            {
                _ = session.Answers.Flush(libc.STDOUT_FILENO);
                _ = session.Posted.Flush(session.Events);
            }
            return;
        }
        Errno answering = session.Answers.Flush(libc.STDOUT_FILENO);
        while (isHeldBack && !answering.Failed)
        {
            HandleCommands(ref loop);
            answering = session.Answers.Flush(libc.STDOUT_FILENO);
        }
        if (session.Failure.Failed)
            End(ref loop, Trouble.Posting, session.Failure);
        if (answering.Failed && !answering.Is(libc.EAGAIN))
            End(ref loop, Trouble.Answering, answering);
        Errno posting = session.Posted.Flush(session.Events);
        if (posting.Failed && !posting.Is(libc.EAGAIN))
            End(ref loop, Trouble.Posting, posting);
        if (loop.IsOver)
            return;
        Watch(ref loop, ref readsCommands, !isHeldBack, libc.STDIN_FILENO, libc.EPOLLIN, CommandTag);
        Watch(ref loop, ref writesAnswers, answering.Failed, libc.STDOUT_FILENO, libc.EPOLLOUT, AnswerTag);
        Watch(ref loop, ref writesEvents, posting.Failed, session.Events, libc.EPOLLOUT, EventTag);
    }

    private void ReceiveCommands(ref EventLoop loop)
    {
        Errno received = session.Commands.Receive(libc.STDIN_FILENO);
        if (received.Is(libc.EAGAIN))
            return;
        // The end of the stream is how a client ends the session.
        if (received.Is(libc.EPIPE) || received.Is(libc.ECONNRESET))
            loop.End(ExitCode.Success);
        else if (received.Failed)
            End(ref loop, Trouble.Reading, received);
        else
            HandleCommands(ref loop);
    }

    /// <summary>Carries out the complete commands, as long as the client takes its answers.</summary>
    private void HandleCommands(ref EventLoop loop)
    {
        while (!loop.IsOver)
        {
            isHeldBack = session.HoldsBack && session.Answers.Flush(libc.STDOUT_FILENO).Failed && session.HoldsBack;
            if (isHeldBack)
                return;
            Result<bool> next = session.Commands.Next(out ReadOnlySpan<byte> command);
            if (next.Failed)
                End(ref loop, Trouble.Reading, next.Error);
            else if (!next.Value)
                return;
            else if (!service.TryHandle(ref loop, ref session, command))
                End(ref loop, Trouble.InvalidRequest, default);
        }
    }

    private void Watch(ref EventLoop loop, ref bool isWatched, bool watch, int descriptor, uint events, uint tag)
    {
        if (watch == isWatched)
            return;
        isWatched = watch;
        Errno watching = default;
        if (watch)
            watching = loop.Watch(descriptor, events, tag);
        else
            loop.Forget(descriptor);
        if (watching.Failed)
            End(ref loop, Trouble.Watching, watching);
    }

    private void End(ref EventLoop loop, Trouble reason, Errno because)
    {
        loop.End(reason == Trouble.InvalidRequest ? ExitCode.Usage : ExitCode.System);
        if (trouble != Trouble.None)
            return;
        trouble = reason;
        error = because;
    }

    private readonly Outcome Explain(Outcome outcome, Diagnostics diagnostics)
    {
        // A client that closes its channels one after the other is as gone as one that closes all at once.
        bool isGone = error.Is(libc.EPIPE) && (trouble == Trouble.Answering || IsAtEnd());
        if (isGone || outcome.Code == ExitCode.Success)
            return Outcome.Exit(ExitCode.Success);
        return trouble switch
        {
            Trouble.InvalidRequest => diagnostics.Fatal(ExitCode.Usage, "invalid client request"u8),
            Trouble.Reading => diagnostics.Fatal(error, "unable to read messages from client"u8),
            Trouble.Answering => diagnostics.Fatal(error, "unable to flush stdout"u8),
            Trouble.Posting => diagnostics.Fatal(error, "unable to flush asyncout"u8),
            Trouble.Watching => diagnostics.Fatal(error, "unable to watch client"u8),
            _ => outcome,
        };
    }

    private static unsafe bool IsAtEnd()
    {
        var input = new pollfd { fd = libc.STDIN_FILENO };
        return LibC.poll(&input, 1, 0) > 0 && (input.revents & LibC.POLLHUP) != 0;
    }
}
