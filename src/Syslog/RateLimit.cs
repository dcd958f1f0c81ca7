using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Syslog;

/// <summary>
/// Limits the lines of a user in a second. Lines above the limit are counted, and reported when the second is over, or at the first moment after it
/// at which there is something to do.
/// </summary>
/// <param name="linesPerSecond">The limit; 0 for none.</param>
internal struct RateLimit(uint linesPerSecond)
{
    private const uint Second = 1000;
    private const uint LargestKey = uint.MaxValue - 1;

    private NumberTable counts;
    private Moment end;
    private bool hasStarted;
    private uint uncounted; // lines for which there was no memory

    /// <summary>Whether there is a limit.</summary>
    internal readonly bool Exists => linesPerSecond > 0;

    /// <summary>Whether the present second has lines that were refused.</summary>
    internal bool HasExcess { get; private set; }

    /// <summary>When the present second ends.</summary>
    internal readonly Moment End => end;

    /// <summary>Counts a line.</summary>
    /// <param name="now">The present time.</param>
    /// <param name="userId">The user whose line it is.</param>
    /// <returns>False when it is above the limit, or can't be counted for lack of memory.</returns>
    internal bool TryCount(Moment now, uint userId)
    {
        // With excess, the report has to come first.
        if (!hasStarted || (!HasExcess && !now.IsBefore(end)))
            Start(now);
        uint key = userId > LargestKey ? LargestKey : userId;
        if (counts.Reserve(1).Failed)
        {
            uncounted++;
            HasExcess = true;
            return false;
        }
        uint count = counts.Get(key);
        if (count < uint.MaxValue)
            counts.Set(key, count + 1);
        bool isWithin = count < linesPerSecond;
        HasExcess |= !isWithin;
        return isWithin;
    }

    /// <summary>Reports for each user how many lines were refused, and starts the next second.</summary>
    internal void Report(Moment now, Diagnostics diagnostics)
    {
        for (int i = 0; i < counts.Capacity; i++)
        {
            if (counts.TryAt(i, out uint user) && counts.Get(user) > linesPerSecond)
                Report(user, counts.Get(user) - linesPerSecond, diagnostics);
        }
        if (uncounted > 0)
            diagnostics.Warning(new Errno(libc.ENOMEM), "unable to count lines: some were dropped"u8);
        uncounted = 0;
        Start(now);
    }

    private void Start(Moment now)
    {
        counts.Clear();
        HasExcess = false;
        hasStarted = true;
        end = now.PlusMilliseconds(Second);
    }

    private readonly void Report(uint user, uint excess, Diagnostics diagnostics)
    {
        var line = new Line(-1, stackalloc byte[Line.BufferSize]);
        line.Add("uid "u8);
        line.Add((ulong)user);
        line.Add(": "u8);
        line.Add((ulong)excess);
        line.Add(" lines above "u8);
        line.Add((ulong)linesPerSecond);
        line.Add(" a second were dropped"u8);
        diagnostics.Warning(line.Text);
    }
}
