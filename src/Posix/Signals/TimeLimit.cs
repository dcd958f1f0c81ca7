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

    /// <summary>What poll(2) may wait, in milliseconds; -1: without limit.</summary>
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

    /// <summary>The same for whom 0 means that there is no limit: one that is over is a millisecond long.</summary>
    internal readonly uint LeftOrNone => Left switch
    {
        < 0 => 0,
        0 => 1,
        int left => (uint)left,
    };

    /// <summary>The shorter of two waits, as poll(2) takes them: -1 is without limit.</summary>
    internal static int Sooner(int left, int right) => right < 0 || (left >= 0 && left < right) ? left : right;

    internal readonly bool IsOver => limit > 0 && end <= Clock.Milliseconds;

    /// <summary>It begins anew.</summary>
    internal void Restart()
    {
        if (limit > 0)
            end = Clock.Milliseconds + limit;
    }
}
