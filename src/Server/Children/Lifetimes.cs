using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Server;

/// <summary>
/// How long each child may still serve its connection. Without a limit nothing is stored, and no clock is read. Times are the lowest 32 bits of
/// <see cref="Clock.Milliseconds"/>: differences below 2^31 tell which of two comes first.
/// </summary>
internal struct Lifetimes
{
    /// <summary>The largest limit, in milliseconds: 12 days.</summary>
    internal const uint Longest = 1 << 30;

    // A child that has got SIGKILL and is still there waits for a device; it gets another SIGKILL after so many milliseconds.
    private const uint KillAgain = 60_000;

    // A search for overdue children goes through all of them: at most so many searches in a lifetime.
    private const int SearchesPerLifetime = 128;

    private NumberTable ends; // of each child: when it gets its next signal
    private NumberTable warned; // those that have got SIGTERM
    private uint limit;
    private uint grace;
    private bool isWaiting;
    private uint next;

    /// <summary>Sets the limits, in milliseconds, at most <see cref="Longest"/>; 0: none.</summary>
    /// <param name="connection">After how long a child gets SIGTERM.</param>
    /// <param name="afterwards">How long after that it gets SIGKILL.</param>
    internal void Limit(uint connection, uint afterwards)
    {
        limit = connection;
        grace = afterwards;
    }

    /// <summary>Whether there is a limit.</summary>
    internal readonly bool AreLimited => limit != 0;

    /// <summary>Makes room for a number of further children. ENOMEM.</summary>
    internal Errno Reserve(uint children)
    {
        if (limit == 0)
            return default;
        Errno error = ends.Reserve(children);
        // Each of the present children may be warned, too.
        return error && warned.Reserve((uint)(ends.Count - warned.Count) + children);
    }

    /// <summary>Starts the lifetime of a child. Needs a <see cref="Reserve"/> before.</summary>
    internal void Begin(int pid)
    {
        if (limit == 0)
            return;
        uint end = (uint)Clock.Milliseconds + limit;
        ends.Set((uint)pid, end);
        Expect(end);
    }

    /// <summary>Forgets a child that has ended.</summary>
    internal void End(int pid)
    {
        if (limit == 0)
            return;
        _ = ends.Remove((uint)pid, out _);
        _ = warned.Remove((uint)pid, out _);
        isWaiting &= ends.Count > 0;
    }

    /// <summary>How long to wait for the next search, in milliseconds, as poll(2) takes it.</summary>
    /// <param name="othersBegin">Whether children may begin during the wait.</param>
    internal readonly int MillisecondsLeft(bool othersBegin)
    {
        if (!isWaiting)
            return othersBegin && limit != 0 ? (int)limit : -1;
        int left = (int)(next - (uint)Clock.Milliseconds);
        // A child that begins meanwhile may end before those that there are.
        if (othersBegin && left > (int)limit)
            left = (int)limit;
        return left < 0 ? 0 : left;
    }

    /// <summary>Whether it is time for a search, with <see cref="TryTakeDue"/> for all places.</summary>
    /// <param name="now">The time.</param>
    internal bool BeginSearch(out uint now)
    {
        now = isWaiting ? (uint)Clock.Milliseconds : 0;
        if (!isWaiting || (int)(now - next) < 0)
            return false;
        isWaiting = false;
        return true;
    }

    /// <summary>Ends a search, so that the next one doesn't come too soon.</summary>
    internal void EndSearch(uint now)
    {
        uint shortest = grace != 0 && grace < limit ? grace : limit;
        uint soonest = now + 1 + shortest / SearchesPerLifetime;
        if ((int)(next - soonest) < 0)
            next = soonest;
    }

    /// <summary>How many places there are.</summary>
    internal readonly int Places => ends.Capacity;

    /// <summary>Takes the signal that is due for the child at a place from 0 to <see cref="Places"/> - 1, if there is one.</summary>
    internal bool TryTakeDue(int place, uint now, out int pid, out int signal)
    {
        signal = 0;
        bool found = ends.TryAt(place, out uint key);
        pid = (int)key;
        bool isWarned = found && warned.Contains(key);
        if (!found || (isWarned && grace == 0))
            return false;
        uint end = ends.Get(key);
        if ((int)(now - end) < 0)
        {
            Expect(end);
            return false;
        }
        signal = isWarned ? libc.SIGKILL : libc.SIGTERM;
        end = now + (isWarned ? KillAgain : grace);
        warned.Set(key, 1);
        ends.Set(key, end);
        if (grace != 0)
            Expect(end);
        return true;
    }

    private void Expect(uint end)
    {
        if (!isWaiting || (int)(end - next) < 0)
            next = end;
        isWaiting = true;
    }
}
