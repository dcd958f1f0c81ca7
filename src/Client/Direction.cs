using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;
using LocalService.Streams;

namespace LocalService.Client;

/// <summary>One direction of copying: carries out the decisions of its <see cref="Pump"/>. Specification "client", sections 3.2 and 3.3.</summary>
internal ref struct Direction(Endpoint source, Endpoint sink, Span<byte> buffer, Diagnostics diagnostics)
{
    // After this many steps the other direction gets its turn.
    private const int StepsPerTurn = 16;

    // How long a program that feeds the source may take to write something, or to end, after the peer is gone.
    private const int PatienceMilliseconds = 100;

    // A source that gave this much at once probably has more: try again without asking poll(2).
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
    /// Whether the sink is the connection. It is an error if its peer goes away while data for it wait, or before it has taken the data sent to
    /// it.
    /// </summary>
    internal readonly bool SinkIsPeer { get; init; }

    /// <summary>Whether both ends are closed.</summary>
    internal readonly bool IsOver => sink.Number < 0;

    /// <summary>Whether it ended with an error: data are lost, or could not be read.</summary>
    internal readonly bool HasFailed => pump.HasFailed;

    /// <summary>How long this direction lets poll(2) wait, in milliseconds; -1: without limit.</summary>
    internal readonly int MillisecondsLeft => isPatient ? patience.Left : -1;

    /// <summary>The source's entry for poll(2); with a negative number poll(2) ignores it.</summary>
    internal readonly pollfd SourceQuestion => new() { fd = pump.NeedsSource ? source.Number : -1, events = LibC.POLLIN };

    /// <summary>The sink's entry for poll(2); with a negative number poll(2) ignores it.</summary>
    internal readonly pollfd SinkQuestion => new() { fd = isPatient ? -1 : sink.Number, events = pump.SinkEvents };

    /// <summary>Copies as far as possible, within limits.</summary>
    /// <param name="sourceEvents">The events that poll(2) reports for the source.</param>
    /// <param name="sinkEvents">The events that poll(2) reports for the sink.</param>
    /// <returns>Whether there was any progress.</returns>
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
    /// Data in the buffer get one last chance, and so do data in the source if it is spliced or feeds the peer; the rest is lost, and that is
    /// reported. Data that haven't been written yet aren't waited for. But a program that was started together with this one may not have got to
    /// its first write: its silence only counts as the end after a moment.
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
            // Twice: the first attempt may only find out that the pipe needs poll(2), which has been asked already.
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
            pump.StopSplicing(); // not this pair, or a broken pipe: reading and writing tell which end it is
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
