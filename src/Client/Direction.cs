using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;
using LocalService.Streams;

namespace LocalService.Client;

/// <summary>One direction of copying: carries out what its <see cref="Pump"/> decides. Specification "client", sections 3.2 and 3.3.</summary>
internal ref struct Direction(Endpoint source, Endpoint sink, Span<byte> buffer, Diagnostics diagnostics)
{
    // After so many steps the other direction gets its turn.
    private const int StepsPerTurn = 16;

    // How long a program at the other end of the source may take to write something, or to end, when the peer is gone.
    private const int PatienceMilliseconds = 100;

    // A source that gave so much at once probably has more: worth a try without asking poll(2).
    private const int Plenty = 16 * 1024;

    private readonly Span<byte> buffer = buffer;
    private readonly Diagnostics diagnostics = diagnostics;
    private Endpoint source = source;
    private Endpoint sink = sink;
    private Pump pump = new(Endpoint.CanSplice(source, sink));
    private TimeLimit patience;
    private bool isPatient;
    private bool hasRead;

    /// <summary>
    /// Whether the sink is the connection. When its peer goes away although there are data for it, that is an error, and so is one that hasn't
    /// taken what it was sent.
    /// </summary>
    internal readonly bool SinkIsPeer { get; init; }

    /// <summary>Whether both ends are closed.</summary>
    internal readonly bool IsOver => sink.Number < 0;

    /// <summary>Whether an error ended it: data are lost, or could not be read.</summary>
    internal readonly bool HasFailed => pump.HasFailed;

    /// <summary>How long poll(2) may wait because of this direction, in milliseconds; -1: without limit.</summary>
    internal readonly int MillisecondsLeft => isPatient ? patience.Left : -1;

    /// <summary>What to ask poll(2) about the source; a negative number means nothing.</summary>
    internal readonly pollfd SourceQuestion => new() { fd = pump.NeedsSource ? source.Number : -1, events = LibC.POLLIN };

    /// <summary>What to ask poll(2) about the sink; a negative number means nothing.</summary>
    internal readonly pollfd SinkQuestion => new() { fd = isPatient ? -1 : sink.Number, events = pump.SinkEvents };

    /// <summary>Goes on as far as possible, within limits.</summary>
    /// <param name="sourceEvents">What poll(2) reports of the source.</param>
    /// <param name="sinkEvents">What poll(2) reports of the sink.</param>
    /// <returns>Whether anything happened.</returns>
    internal bool Advance(short sourceEvents, short sinkEvents)
    {
        if (IsOver)
            return false;
        if (IsBroken(sinkEvents) || (isPatient && (sourceEvents != 0 || patience.IsOver)))
            return TryLeaveBrokenSink();
        bool sourceReady = sourceEvents != 0;
        bool sinkReady = sinkEvents != 0;
        bool progressed = false;
        for (int steps = 0; steps < StepsPerTurn; steps++)
        {
            int moved;
            switch (pump.Next(sourceReady, sinkReady))
            {
                case PumpStep.Read:
                    moved = Read();
                    sourceReady = moved >= Plenty && !source.NeedsPoll;
                    sinkReady = !sink.NeedsPoll;
                    break;
                case PumpStep.Write:
                    moved = Write(lastAttempt: false);
                    sinkReady = false;
                    break;
                case PumpStep.Splice:
                    moved = Splice(sourceReported: steps == 0);
                    sourceReady = moved >= Plenty || !pump.Splices;
                    sinkReady = false;
                    break;
                case PumpStep.End:
                    Close();
                    return true;
                default:
                    return progressed;
            }
            progressed |= moved > 0;
        }
        if (pump.IsOver)
            Close();
        return progressed || IsOver;
    }

    private static bool IsBroken(short events) =>
        (events & LibC.POLLERR) != 0 || (events & LibC.POLLHUP) != 0 || (events & LibC.POLLNVAL) != 0;

    /// <summary>
    /// What is in the buffer gets one last chance, and so does what waits in the source when it is spliced or meant for the peer; the rest is
    /// lost, and that is reported. What nobody has written yet isn't waited for. But a program that was started together with this one may
    /// not have come to write: only after a moment is its silence taken for having nothing to say.
    /// </summary>
    /// <returns>Whether the direction is over.</returns>
    private bool TryLeaveBrokenSink()
    {
        PumpStep step = pump.NextAtBrokenSink(SinkIsPeer);
        if (step == PumpStep.Read)
        {
            if (source.CanReadNow)
                _ = Read();
            step = pump.Next(sourceReady: false, sinkReady: true);
        }
        if (step == PumpStep.Wait && MustBePatient())
            return false;
        while (step == PumpStep.Write)
        {
            // Twice, because a pipe may only now turn out to have to be polled, which was done.
            if (Write(lastAttempt: false) == 0 && !pump.IsOver)
                _ = Write(lastAttempt: true);
            step = pump.Next(sourceReady: false, sinkReady: true);
        }
        pump.Leave();
        Close();
        return true;
    }

    private bool MustBePatient()
    {
        if (!SinkIsPeer || hasRead || !source.IsFedByProgram)
            return false;
        if (isPatient)
            return !patience.IsOver;
        patience = new TimeLimit(PatienceMilliseconds);
        isPatient = true;
        return true;
    }

    private void Close()
    {
        Errno untaken = SinkIsPeer && !pump.HasFailed ? sink.TakePendingError() : default;
        if (untaken.Failed)
            FailToWrite(untaken);
        isPatient = false;
        source.CloseSource();
        sink.CloseSink();
    }

    private int Read()
    {
        Result<int> count = source.Read(buffer);
        if (!count.Failed)
        {
            pump.Filled(count.Value);
            hasRead |= count.Value > 0;
            return count.Value;
        }
        if (!count.Error.Is(libc.EAGAIN))
            FailToRead(count.Error);
        return 0;
    }

    private int Write(bool lastAttempt)
    {
        Result<int> count = sink.Write(buffer[pump.Start..pump.End]);
        if (!count.Failed)
        {
            pump.Drained(count.Value);
            return count.Value;
        }
        if (lastAttempt || !count.Error.Is(libc.EAGAIN))
            FailToWrite(count.Error);
        return 0;
    }

    private int Splice(bool sourceReported)
    {
        Result<int> count = Endpoint.Splice(source, sink, int.MaxValue);
        if (!count.Failed)
        {
            pump.Spliced(count.Value);
            return count.Value;
        }
        if (count.Error.Is(libc.EAGAIN))
            pump.SpliceStalled(sourceReported);
        else if (count.Error.Is(libc.ECONNRESET))
            FailToRead(count.Error);
        else
            pump.StopSplicing(); // not these two, or a broken pipe: reading and writing tell which end it is
        return 0;
    }

    private void FailToWrite(Errno error)
    {
        pump.Fail();
        Warn(error, "unable to write to fd "u8, sink.Number);
    }

    private void FailToRead(Errno error)
    {
        pump.Fail();
        Warn(error, "unable to read from fd "u8, source.Number);
    }

    private readonly void Warn(Errno error, ReadOnlySpan<byte> what, int number) =>
        diagnostics.Warning(error, what, Numbers.Decimal((ulong)number, stackalloc byte[Numbers.LongestText]));
}
