using LocalService.Libc;

namespace LocalService.Posix;

/// <summary>A moment of CLOCK_MONOTONIC, the clock that nobody can set, in nanoseconds. Deadlines are measured by it.</summary>
internal readonly struct Moment : IMoment<Moment>
{
    private const long NanosecondsPerMillisecond = 1_000_000;
    private const long NanosecondsPerSecond = 1_000_000_000;

    private readonly long nanoseconds;

    private Moment(long nanoseconds) => this.nanoseconds = nanoseconds;

    internal static unsafe Moment Now
    {
        get
        {
            libc.timespec now;
            _ = libc.clock_gettime(libc.CLOCK_MONOTONIC, &now);
            return new Moment(now.tv_sec * NanosecondsPerSecond + now.tv_nsec);
        }
    }

    /// <summary>A later moment. The farthest is 49 days away.</summary>
    internal Moment PlusMilliseconds(uint milliseconds) => new(nanoseconds + milliseconds * NanosecondsPerMillisecond);

    /// <inheritdoc/>
    public Moment PlusNanoseconds(uint count) => new(nanoseconds + count);

    /// <inheritdoc/>
    public bool IsBefore(Moment other) => nanoseconds < other.nanoseconds;

    /// <inheritdoc/>
    public bool Equals(Moment other) => nanoseconds == other.nanoseconds;

    /// <summary>
    /// The time left until this moment, in whole milliseconds, rounded up so that a caller who waits that long isn't early. 0 when it has passed.
    /// </summary>
    internal int MillisecondsFrom(Moment now)
    {
        long left = (nanoseconds - now.nanoseconds + NanosecondsPerMillisecond - 1) / NanosecondsPerMillisecond;
        if (left <= 0)
            return 0;
        return left > int.MaxValue ? int.MaxValue : (int)left;
    }
}
