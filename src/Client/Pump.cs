using LocalService.Libc;

namespace LocalService.Client;

/// <summary>The next step of a direction.</summary>
internal enum PumpStep : byte
{
    /// <summary>Ask poll(2).</summary>
    Wait,

    /// <summary>Read from the source into the buffer.</summary>
    Read,

    /// <summary>Write the buffer to the sink.</summary>
    Write,

    /// <summary>Move data from the source to the sink inside the kernel.</summary>
    Splice,

    /// <summary>Close both ends: the direction is over.</summary>
    End,
}

/// <summary>
/// The decisions of one direction, from a source to a sink, without any input or output: what to wait for, what to do, when it is over.
/// The buffer is filled only when it is empty. Splicing needs no buffer: data that the sink can't take yet wait in the source.
/// Specification "client", section 3.2.
/// </summary>
/// <param name="splices">Whether to start with splice(2).</param>
internal struct Pump(bool splices)
{
    private enum State : byte
    {
        /// <summary>No data wait: the source is needed.</summary>
        Filling,

        /// <summary>Data wait, in the buffer or in the source: the sink is needed.</summary>
        Draining,

        Over,
    }

    private State state;

    /// <summary>Whether data move by splice(2).</summary>
    internal bool Splices { get; private set; } = splices;

    /// <summary>The start of the data in the buffer.</summary>
    internal int Start { get; private set; }

    /// <summary>The end of the data in the buffer.</summary>
    internal int End { get; private set; }

    /// <summary>Whether the direction is over.</summary>
    internal readonly bool IsOver => state == State.Over;

    /// <summary>Whether the direction ended with an error: the source could not be read to its end, or some of its data are lost.</summary>
    internal bool HasFailed { get; private set; }

    /// <summary>Whether poll(2) should watch the source: a hangup of a source that isn't needed would be reported forever.</summary>
    internal readonly bool NeedsSource => state == State.Filling;

    /// <summary>The events to wait for at the sink. It is always watched for errors and hangups.</summary>
    internal readonly short SinkEvents => state == State.Draining ? LibC.POLLOUT : (short)0;

    /// <summary>The next step, given what is ready.</summary>
    internal readonly PumpStep Next(bool sourceReady, bool sinkReady)
    {
        if (state == State.Over)
            return PumpStep.End;
        if (!(state == State.Filling ? sourceReady : sinkReady))
            return PumpStep.Wait;
        if (Splices)
            return PumpStep.Splice;
        return state == State.Filling ? PumpStep.Read : PumpStep.Write;
    }

    /// <summary>The next step when the sink reports an error or hangup: one last attempt if data wait, else the end.</summary>
    /// <param name="asksSource">Whether data in the source count as well, so that it is read first.</param>
    internal PumpStep NextAtBrokenSink(bool asksSource)
    {
        if (Splices && (asksSource || state == State.Draining))
            StopSplicing();
        else if (state == State.Filling && !asksSource)
            state = State.Over;
        return Next(sourceReady: true, sinkReady: true);
    }

    /// <summary>The sink is broken, and no data wait for it.</summary>
    internal void Leave() => state = State.Over;

    /// <summary>Data were read into the buffer; a count of 0 means that the source is at its end.</summary>
    internal void Filled(int count)
    {
        Start = 0;
        End = count;
        state = count > 0 ? State.Draining : State.Over;
    }

    /// <summary>Data were written from the buffer.</summary>
    internal void Drained(int count)
    {
        Start += count;
        if (Start == End)
            state = State.Filling;
    }

    /// <summary>Data were moved from the source to the sink; a count of 0 means that the source is at its end.</summary>
    internal void Spliced(int count) => state = count > 0 ? State.Filling : State.Over;

    /// <summary>
    /// Nothing could be moved. If the source certainly has data, the sink is full; if the sink certainly has room as well, this pair
    /// can't be spliced after all.
    /// </summary>
    /// <param name="sourceReported">Whether poll(2) has just reported data in the source.</param>
    internal void SpliceStalled(bool sourceReported)
    {
        if (state == State.Draining)
            StopSplicing();
        else if (sourceReported)
            state = State.Draining;
    }

    /// <summary>Continues with the buffer.</summary>
    internal void StopSplicing()
    {
        Splices = false;
        state = State.Filling;
    }

    /// <summary>
    /// Reading failed, or writing failed and the data in the buffer are lost. Data read before a failed read have been written: the source is
    /// only read when the buffer is empty.
    /// </summary>
    internal void Fail()
    {
        HasFailed = true;
        state = State.Over;
    }
}
