namespace LocalService.Server;

/// <summary>
/// Decides when to search again, so that searches take a bounded share of the time, however long each one takes. There is no search without a demand.
/// </summary>
/// <param name="shortestRest">How long to wait for further demands before a search, in microseconds.</param>
/// <param name="restsPerSearch">The length of a rest, as a multiple of the length of a search.</param>
internal struct SearchPace(long shortestRest, long restsPerSearch)
{
    private readonly long shortestRest = shortestRest;
    private readonly long restsPerSearch = restsPerSearch;
    private long notBefore;

    /// <summary>Whether a search is wanted.</summary>
    internal bool IsDemanded { get; private set; }

    /// <summary>Whether a search is wanted and its time has come. Times are in microseconds, of one clock.</summary>
    internal readonly bool IsTime(long now) => IsDemanded && now >= notBefore;

    /// <summary>Demands a search.</summary>
    internal void Demand(long now)
    {
        if (IsDemanded)
            return;
        IsDemanded = true;
        if (notBefore < now + shortestRest)
            notBefore = now + shortestRest;
    }

    /// <summary>Notes that a search has been made.</summary>
    /// <param name="begun">When it began.</param>
    /// <param name="now">When it ended.</param>
    /// <param name="again">Whether another one is wanted.</param>
    internal void Finish(long begun, long now, bool again)
    {
        IsDemanded = again;
        notBefore = now + (now - begun) * restsPerSearch;
    }

    /// <summary>The time until the next search, in milliseconds, rounded up; -1 when none is wanted. As poll(2) takes it.</summary>
    internal readonly int MillisecondsLeft(long now)
    {
        if (!IsDemanded)
            return -1;
        long left = notBefore - now;
        return left <= 0 ? 0 : (int)((left + 999) / 1000);
    }
}
