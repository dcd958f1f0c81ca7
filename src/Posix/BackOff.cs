using LocalService.Errors;
using LocalService.Libc;

namespace LocalService.Posix;

/// <summary>
/// Backs off when the system has run out of a resource: the server leaves clients waiting for a moment, and warns at most once a second (decision
/// 11).
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

    /// <summary>
    /// Whether a failed wait may be repeated: after EINTR at once, and after exhaustion, for which this rests. What the wait was to tell isn't known.
    /// </summary>
    internal static bool MayWaitAgain(Errno error)
    {
        bool isExhausted = IsExhaustion(error);
        if (isExhausted)
            Rest();
        return isExhausted || error.Is(libc.EINTR);
    }

    /// <summary>After a failed wait that its caller repeats whatever the reason: rests, unless it was EINTR.</summary>
    internal static void RestAfterWait()
    {
        if (libc.errno != libc.EINTR)
            Rest();
    }

    /// <summary>Whether the caller may write another warning now. A positive answer starts the next quiet second.</summary>
    internal bool MayWarn()
    {
        long now = Clock.Milliseconds;
        if (now < quietUntil)
            return false;
        quietUntil = now + QuietMilliseconds;
        return true;
    }
}
