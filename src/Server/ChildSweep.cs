using LocalService.Posix;

namespace LocalService.Server;

/// <summary>
/// When to look for children that ended without a signal of their own. The kernel goes through all children for that, waitpid(2) with -1, so
/// it is done right away while there are few, and later with a share of the time that doesn't grow with their number.
/// </summary>
internal struct ChildSweep
{
    private const uint FewChildren = 128;
    private const long ShortestRest = 2_000; // microseconds
    private const long RestsPerSweep = 30; // a sweep takes 3 % of the time at most

    private long notBefore;
    private long begun;
    private bool demanded;

    /// <summary>Whether a sweep takes no longer than what else is done for a connection.</summary>
    internal static bool IsCheap(uint children) => children < FewChildren;

    /// <summary>Whether a sweep is wanted and its time has come.</summary>
    internal readonly bool IsTime => demanded && Clock.Microseconds >= notBefore;

    /// <summary>How long to wait for the next sweep, rounded up, in milliseconds; -1 when none is wanted. As poll(2) takes it.</summary>
    internal readonly int MillisecondsLeft()
    {
        if (!demanded)
            return -1;
        long left = notBefore - Clock.Microseconds;
        return left <= 0 ? 0 : (int)((left + 999) / 1000);
    }

    /// <summary>A sweep is wanted. The children that end together do so within a moment, so it waits for at least one.</summary>
    internal void Demand()
    {
        if (demanded)
            return;
        demanded = true;
        long soon = Clock.Microseconds + ShortestRest;
        if (notBefore < soon)
            notBefore = soon;
    }

    internal void Begin()
    {
        begun = Clock.Microseconds;
        demanded = false;
    }

    internal void Finish()
    {
        long now = Clock.Microseconds;
        notBefore = now + (now - begun) * RestsPerSweep;
    }
}
