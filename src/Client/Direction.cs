using System;
using LocalService.CommandLine;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Client;

/// <summary>One direction of copying: carries out what its <see cref="Pump"/> decides. Specification "client", sections 3.2 and 3.3.</summary>
internal ref struct Direction(Endpoint source, Endpoint sink, Span<byte> buffer, Diagnostics diagnostics)
{
    private const short Broken = libc.POLLERR | libc.POLLHUP | libc.POLLNVAL;

    // After so many steps the other direction gets its turn.
    private const int StepsPerTurn = 16;

    // A source that gave so much at once probably has more: worth a try without asking poll(2).
    private const int Plenty = 16 * 1024;

    private readonly Span<byte> buffer = buffer;
    private readonly Diagnostics diagnostics = diagnostics;
    private Endpoint source = source;
    private Endpoint sink = sink;
    private Pump pump = new(Endpoint.CanSplice(source, sink));

    /// <summary>Whether both ends are closed.</summary>
    internal readonly bool IsOver => sink.Number < 0;

    /// <summary>Whether data that were read could not be written.</summary>
    internal readonly bool LostData => pump.LostData;

    /// <summary>What to ask poll(2) about the source; a negative number means nothing.</summary>
    internal readonly libc.pollfd SourceQuestion => new() { fd = pump.NeedsSource ? source.Number : -1, events = libc.POLLIN };

    /// <summary>What to ask poll(2) about the sink; a negative number means nothing.</summary>
    internal readonly libc.pollfd SinkQuestion => new() { fd = sink.Number, events = pump.SinkEvents };

    /// <summary>Goes on as far as possible, within limits.</summary>
    /// <param name="sourceEvents">What poll(2) reports of the source.</param>
    /// <param name="sinkEvents">What poll(2) reports of the sink.</param>
    /// <returns>Whether anything happened.</returns>
    internal bool Advance(short sourceEvents, short sinkEvents)
    {
        if (IsOver)
            return false;
        if ((sinkEvents & Broken) != 0)
        {
            LeaveBrokenSink();
            return true;
        }
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

    // The buffer, or what waits in the source, gets one last chance; the rest is lost, and that is reported.
    private void LeaveBrokenSink()
    {
        PumpStep step = pump.NextAtBrokenSink();
        if (step == PumpStep.Read)
        {
            _ = Read();
            step = pump.Next(sourceReady: false, sinkReady: true);
        }
        while (step == PumpStep.Write)
        {
            // Twice, because a pipe may only now turn out to have to be polled, which was done.
            if (Write(lastAttempt: false) == 0 && !pump.IsOver)
                _ = Write(lastAttempt: true);
            step = pump.Next(sourceReady: false, sinkReady: true);
        }
        Close();
    }

    private void Close()
    {
        source.CloseSource();
        sink.CloseSink();
    }

    private int Read()
    {
        Result<int> count = source.Read(buffer);
        if (!count.Failed)
        {
            pump.Filled(count.Value);
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
        {
            pump.SinkFailed();
            Warn(count.Error, "unable to write to fd "u8, sink.Number);
        }
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

    private void FailToRead(Errno error)
    {
        pump.SourceFailed();
        Warn(error, "unable to read from fd "u8, source.Number);
    }

    private readonly void Warn(Errno error, ReadOnlySpan<byte> what, int number) =>
        diagnostics.Warning(error, what, Numbers.Decimal((ulong)number, stackalloc byte[Numbers.LongestText]));
}
