using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Server;

/// <summary>
/// What the server does when the system has run out of something: it leaves clients waiting for a moment, or until a child ends, and says so
/// at most once a second (decision 11).
/// </summary>
internal struct BackOff
{
    private const int RestMilliseconds = 100;
    private const int QuietMilliseconds = 1000;

    private long restUntil;
    private long quietUntil;

    /// <summary>Whether an error means that descriptors, processes or memory have run out, for now.</summary>
    internal static bool IsExhaustion(Errno error) =>
        error.Number is libc.EMFILE or libc.ENFILE or libc.ENOBUFS or libc.ENOMEM or libc.EAGAIN;

    /// <summary>Starts a rest.</summary>
    /// <returns>Whether it is time for another warning.</returns>
    internal bool Start()
    {
        long now = Clock.Milliseconds;
        restUntil = now + RestMilliseconds;
        if (now < quietUntil)
            return false;
        quietUntil = now + QuietMilliseconds;
        return true;
    }

    /// <summary>Ends the rest early.</summary>
    internal void End() => restUntil = 0;

    /// <summary>How long the rest goes on, in milliseconds; 0 when there is none.</summary>
    internal int MillisecondsLeft()
    {
        if (restUntil == 0)
            return 0;
        long left = restUntil - Clock.Milliseconds;
        if (left > 0)
            return (int)left;
        restUntil = 0;
        return 0;
    }
}
