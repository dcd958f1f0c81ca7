using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;
using LocalService.Services;

namespace LocalService.Syslog;

/// <summary>
/// Writes the messages from its sockets to standard output, one line each. Memory is bounded: when nobody reads the lines, nothing more is received,
/// and senders wait. Specification "syslog", section 3, with section 5 and decision 32.
/// </summary>
internal struct LogServer : IService
{
    private const uint OutputTag = LogSockets.Most;

    // Tags of deadlines. Each is set at most once at a time.
    private const uint ReportTag = 0;
    private const uint AcceptTag = 1;
    private const uint LameDuckTag = 2;
    private const int Deadlines = 3;

    private const uint ReportMilliseconds = 1000;
    private const uint RestMilliseconds = 50;

    /// <summary>The exit code when the remaining lines could not be written in time after SIGTERM.</summary>
    private const int ExitTooLate = 99;

    private LogSettings settings;
    private LogSockets sockets;
    private LogStreams streams;
    private LogLines lines;
    private bool willReport;
    private bool isResting; // no clients are accepted for a moment
    private bool watchesOutput;
    private bool waitsForRoom;
    private bool isStopping;
    private bool hasRest; // while it stops: something may not have been received yet

    private readonly Diagnostics Messages => new(settings.Program);

    private static ReadOnlySpan<int> HandledSignals => [libc.SIGTERM];

    /// <summary>Serves until SIGTERM.</summary>
    internal static Outcome Run(in LogSettings settings, in LogSockets sockets, Invocation invocation)
    {
        var diagnostics = new Diagnostics(settings.Program);
        var start = new DaemonStart(invocation, diagnostics);
        Outcome prepared = start.TakeSignals(HandledSignals);
        if (prepared.Code != ExitCode.Success)
            return prepared;
        var server = new LogServer
        {
            settings = settings,
            sockets = sockets,
            lines = new LogLines(settings.Format, settings.LinesPerSecond),
        };
        Errno error = EventLoop.Open(out EventLoop loop) && server.Prepare(ref loop);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to prepare for messages"u8);
        EnvironmentBlock environment = invocation.Environment;
        if (settings.TellsManager)
            ServiceManager.TakeNotifySocket(ref environment);
        start.BecomeReady(settings.NotificationDescriptor, verbosity: 1);
        return ServiceLoop<LogServer>.Run(ref server, ref loop, start.Signals, diagnostics);
    }

    /// <inheritdoc/>
    public void Ready(ref EventLoop loop, uint tag, uint events)
    {
        // EndTurn writes as much as possible.
        if (isStopping || tag == OutputTag)
            return;
        if (tag >= LogStreams.FirstTag)
            ReceiveFromStream(ref loop, (int)(tag - LogStreams.FirstTag));
        else if (!sockets[(int)tag].IsPaused)
            ReceiveFromSocket(ref loop, (int)tag);
    }

    /// <inheritdoc/>
    public void Deadline(ref EventLoop loop, uint tag)
    {
        switch (tag)
        {
            case ReportTag:
                willReport = false;
                Report();
                break;
            case AcceptTag:
                isResting = false;
                sockets.Resume(ref loop);
                break;
            default:
                loop.End(ExitTooLate);
                break;
        }
    }

    /// <inheritdoc/>
    public void Signal(ref EventLoop loop, int number)
    {
        if (isStopping)
            return;
        isStopping = true;
        hasRest = true;
        ServiceManager.Tell(ServiceManager.Stopping, verbosity: 1, Messages);
        sockets.Leave(ref loop);
        if (settings.LameDuckMilliseconds > 0)
            _ = loop.AddDeadline(Moment.Now.PlusMilliseconds(settings.LameDuckMilliseconds), LameDuckTag);
    }

    /// <inheritdoc/>
    public void EndTurn(ref EventLoop loop)
    {
        Errno error = WriteLines(ref loop);
        bool isBlocked = error.Is(libc.EAGAIN);
        if (error.Failed && !isBlocked)
            Fail(ref loop, error, "unable to write to stdout"u8);
        WatchOutput(ref loop, isBlocked);
        if (isStopping && !hasRest && lines.AreWritten)
            loop.End(ExitCode.Success);
        if (waitsForRoom && lines.HasRoom && !isStopping)
        {
            waitsForRoom = false;
            sockets.Resume(ref loop);
            streams.Resume(ref loop);
        }
        if (loop.IsOver)
            Report();
        else if (!willReport && (lines.HasExcess || sockets.Lost > 0))
        {
            willReport = true;
            _ = loop.AddDeadline(Moment.Now.PlusMilliseconds(ReportMilliseconds), ReportTag);
        }
    }

    /// <summary>Writes what can be written at once; after SIGTERM, what can still be received takes the place of what is written.</summary>
    private Errno WriteLines(ref EventLoop loop)
    {
        Errno error = lines.Write();
        while (hasRest && !loop.IsOver && !error.Failed)
        {
            Result<bool> socketsAreEmpty = sockets.ReceiveRest(ref loop, ref lines, ref streams, Messages);
            if (socketsAreEmpty.Failed)
                Fail(ref loop, socketsAreEmpty.Error, "unable to recv"u8);
            bool streamsAreEmpty = streams.ReceiveRest(ref loop, ref lines);
            hasRest = socketsAreEmpty.Failed || !socketsAreEmpty.Value || !streamsAreEmpty;
            error = lines.Write();
        }
        return error;
    }

    private Errno Prepare(ref EventLoop loop)
    {
        return lines.Open()
            && LogStreams.Open(settings.MostStreams, settings.Format.LongestMessage, out streams)
            && loop.ReserveDeadlines(Deadlines)
            && sockets.Watch(ref loop, settings.Format.LongestMessage);
    }

    private readonly void Fail(ref EventLoop loop, Errno error, ReadOnlySpan<byte> what) => loop.End(Messages.Fatal(error, what).Code);

    private void WatchOutput(ref EventLoop loop, bool isBlocked)
    {
        if (isBlocked && !watchesOutput)
        {
            Errno error = loop.Watch(lines.Descriptor, libc.EPOLLOUT, OutputTag);
            if (error.Failed)
                Fail(ref loop, error, "unable to wait for stdout"u8);
        }
        if (!isBlocked && watchesOutput)
            loop.Forget(lines.Descriptor);
        watchesOutput = isBlocked;
    }

    private void Report()
    {
        lines.ReportExcess(Messages);
        if (sockets.Lost > 0)
            Messages.Warning(Numbers.Decimal(sockets.Lost, stackalloc byte[Numbers.LongestText]), " datagrams were lost"u8);
        sockets.Lost = 0;
    }

    private void ReceiveFromSocket(ref EventLoop loop, int index)
    {
        if (sockets[index].Kind == SourceKind.Listener)
        {
            Accept(ref loop, index);
            return;
        }
        Errno error = sockets.Receive(index, ref lines, Messages);
        if (error.Failed)
            Fail(ref loop, error, "unable to recv"u8);
        if (lines.HasRoom)
            return;
        waitsForRoom = true;
        sockets.Pause(ref loop, index);
    }

    private void Accept(ref EventLoop loop, int index)
    {
        Errno error = streams.Accept(ref loop, sockets[index].Descriptor, Messages);
        if (error.Is(libc.EUSERS))
            sockets.Pause(ref loop, index); // until a client leaves
        else if (BackOff.IsExhaustion(error) && !error.Is(libc.EAGAIN))
            Rest(ref loop, index);
        else if (error.Failed && !error.Is(libc.EAGAIN))
            Fail(ref loop, error, "unable to accept"u8);
    }

    private void Rest(ref EventLoop loop, int index)
    {
        sockets.Pause(ref loop, index);
        if (!isResting)
            _ = loop.AddDeadline(Moment.Now.PlusMilliseconds(RestMilliseconds), AcceptTag);
        isResting = true;
    }

    private void ReceiveFromStream(ref EventLoop loop, int number)
    {
        if (streams.Receive(ref loop, number, ref lines))
            sockets.Resume(ref loop);
        waitsForRoom |= !lines.HasRoom;
    }
}
