using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.FdHolder;

/// <summary>
/// Wakes the holder at a date of the wall clock, and also whenever that clock is set: timerfd_create(2) on CLOCK_REALTIME. Where there is no
/// such timer, because a filter refuses it or descriptors have run out, the holder waits for the date, and checks the clock each second.
/// </summary>
internal unsafe struct ExpiryTimer
{
    private const int MillisecondsBetweenLooks = 1000;
    private const long NanosecondsPerMillisecond = 1_000_000;

    private TaiDate armedFor;
    private bool isArmed;
    private bool wakes;

    /// <summary>The descriptor to wait for; negative when there is none.</summary>
    internal int Number { get; private set; }

    /// <summary>The longest wait because of the date, in milliseconds; -1 when the descriptor wakes the holder.</summary>
    internal readonly int MillisecondsLeft
    {
        get
        {
            if (!isArmed || wakes)
                return -1;
            libc.timespec date = armedFor.UnixTime;
            libc.timespec now = TaiDate.Now.UnixTime;
            if (date.tv_sec - now.tv_sec > 1)
                return MillisecondsBetweenLooks;
            long left = (date.tv_sec - now.tv_sec) * 1000 + (date.tv_nsec - now.tv_nsec) / NanosecondsPerMillisecond + 1;
            return left < 0 ? 0 : left > MillisecondsBetweenLooks ? MillisecondsBetweenLooks : (int)left;
        }
    }

    internal static ExpiryTimer Open() =>
        new() { Number = libc.timerfd_create(libc.CLOCK_REALTIME, libc.TFD_CLOEXEC | libc.TFD_NONBLOCK) };

    /// <summary>Sets the date that it wakes at. A wake that is no longer needed may still come.</summary>
    internal void Arm(TaiDate date)
    {
        if (isArmed && date.Equals(armedFor))
            return;
        var setting = new libc.itimerspec { it_value = date.UnixTime };
        // All zeros would disarm it: a date before 1970 has long passed.
        if (setting.it_value.tv_sec == 0)
            setting.it_value.tv_sec = 1;
        wakes = Number >= 0 && libc.timerfd_settime(Number, libc.TFD_TIMER_ABSTIME | libc.TFD_TIMER_CANCEL_ON_SET, &setting, null) == 0;
        isArmed = true;
        armedFor = date;
    }

    /// <summary>Notes that it woke, or that nothing waits for a date any more: it has to be armed again.</summary>
    internal void Acknowledge()
    {
        ulong expirations;
        // ECANCELED when the clock was set.
        if (Number >= 0)
            _ = libc.read(Number, &expirations, sizeof(ulong));
        isArmed = false;
    }
}
