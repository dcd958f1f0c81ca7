using LocalService.Errors;
using LocalService.Libc;

namespace LocalService.Posix;

/// <summary>
/// What the server does when the system has run out of something: it leaves clients waiting for a moment, and says so at most once a second
/// (decision 11).
/// </summary>
internal struct BackOff
{
    /// <summary>How long a rest is.</summary>
    internal const int RestMilliseconds = 50;
    private const int QuietMilliseconds = 1000;

    private long quietUntil;

    /// <summary>Whether an error means that descriptors, processes or memory have run out, for now.</summary>
    internal static bool IsExhaustion(Errno error) =>
        error.Number is libc.EMFILE or libc.ENFILE or libc.ENOBUFS or libc.ENOMEM or libc.EAGAIN;

    /// <summary>Does nothing for a moment.</summary>
    internal static void Rest() => Clock.Sleep(RestMilliseconds);

    /// <summary>Whether it is time for another warning. Asking makes it the time of the last one.</summary>
    internal bool MayWarn()
    {
        long now = Clock.Milliseconds;
        if (now < quietUntil)
            return false;
        quietUntil = now + QuietMilliseconds;
        return true;
    }
}
