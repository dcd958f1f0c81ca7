namespace LocalService.Posix;

/// <summary>How long something may take. With a limit of 0 milliseconds it is never over, and the clock is never read.</summary>
internal struct TimeLimit
{
    private readonly uint limit;
    private long end;

    /// <summary>A limit that begins now.</summary>
    internal TimeLimit(uint milliseconds)
    {
        limit = milliseconds;
        Restart();
    }

    /// <summary>The timeout for poll(2), in milliseconds; -1: no limit.</summary>
    internal readonly int Left
    {
        get
        {
            if (limit == 0)
                return -1;
            long left = end - Clock.Milliseconds;
            if (left <= 0)
                return 0;
            return left > int.MaxValue ? int.MaxValue : (int)left;
        }
    }

    /// <summary>The same for callers where 0 means no limit: a limit that is over counts as one millisecond.</summary>
    internal readonly uint LeftOrNone => Left switch
    {
        < 0 => 0,
        0 => 1,
        int left => (uint)left,
    };

    /// <summary>The shorter of two waits, as poll(2) takes them: -1 is without limit.</summary>
    internal static int Sooner(int left, int right) => right < 0 || (left >= 0 && left < right) ? left : right;

    internal readonly bool IsOver => limit > 0 && end <= Clock.Milliseconds;

    /// <summary>Starts the limit again.</summary>
    internal void Restart()
    {
        if (limit > 0)
            end = Clock.Milliseconds + limit;
    }
}
