using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.FdHolder;

/// <summary>
/// Wakes the holder at a date of the wall clock, and also whenever that clock is set: timerfd_create(2) on CLOCK_REALTIME.
/// </summary>
internal unsafe struct ExpiryTimer
{
    private TaiDate armedFor;
    private bool isArmed;

    /// <summary>The descriptor to poll for input.</summary>
    internal int Number { get; private set; }

    internal static Errno Open(out ExpiryTimer timer)
    {
        timer = new ExpiryTimer { Number = libc.timerfd_create(libc.CLOCK_REALTIME, libc.TFD_CLOEXEC | libc.TFD_NONBLOCK) };
        return Errno.Of(timer.Number);
    }

    /// <summary>From now on the date that it wakes at. A wake that is no longer needed may still come.</summary>
    internal void Arm(TaiDate date)
    {
        if (isArmed && date.SameAs(armedFor))
            return;
        var setting = new libc.itimerspec { it_value = date.UnixTime };
        // All zeros would disarm it: a date before 1970 has long passed.
        if (setting.it_value.tv_sec == 0)
            setting.it_value.tv_sec = 1;
        isArmed = libc.timerfd_settime(Number, libc.TFD_TIMER_ABSTIME | libc.TFD_TIMER_CANCEL_ON_SET, &setting, null) == 0;
        armedFor = date;
    }

    /// <summary>It woke: it has to be armed anew.</summary>
    internal void Acknowledge()
    {
        ulong expirations;
        // ECANCELED when the clock was set.
        _ = libc.read(Number, &expirations, sizeof(ulong));
        isArmed = false;
    }
}
