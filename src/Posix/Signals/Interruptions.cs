using System.Runtime.CompilerServices;
using LocalService.Errors;
using LocalService.Libc;

namespace LocalService.Posix;

/// <summary>
/// A signal that interrupts the call that its thread waits in, again and again between <see cref="Begin"/> and <see cref="End"/>: timer_create(2)
/// with SIGEV_THREAD_ID. It is for a close(2), or a recvmsg(2) that has to drop descriptors: a signal ends the wait for SO_LINGER (socket(7)), and
/// the descriptor is closed all the same; the kernel goes on sending the unsent data. Each signal doubles the time until the next, see
/// <see cref="RepeatedSignals"/>.
/// </summary>
internal unsafe struct Interruptions
{
    /// <summary>The signal. Nothing else uses it; programs that are executed get its default action back.</summary>
    internal const int Signal = libc.SIGRTMAX;

    private int timer;

    /// <summary>Whether there is a timer: without one nothing is interrupted.</summary>
    internal bool Work { get; private set; }

    /// <summary>
    /// Prepares them for the calling thread. This value must not move in memory from now on. Fails where timer_create(2) does: EAGAIN; ENOSYS on a
    /// kernel without such timers.
    /// </summary>
    internal Errno Open()
    {
        Errno error = Signals.Interrupt(Signal);
        if (error.Failed)
            return error;
        error = Signals.Unblock(Signal);
        if (error.Failed)
            return error;
        timer = 0;
        var place = (int*)Unsafe.AsPointer(ref timer);
        var notification = new libc.sigevent
        {
            sigev_value = (nint)place,
            sigev_signo = Signal,
            sigev_notify = libc.SIGEV_THREAD_ID,
            sigev_notify_thread_id = libc.gettid(),
        };
        error = Errno.Of(libc.timer_create(libc.CLOCK_MONOTONIC, &notification, place));
        Work = !error.Failed;
        return error;
    }

    /// <summary>Starts the interruptions, in the thread that opened them; from the given interval on if they have started already.</summary>
    /// <param name="nanoseconds">The time until the first of them, below a second.</param>
    internal readonly void Begin(int nanoseconds) => Set(nanoseconds);

    /// <summary>Stops the interruptions.</summary>
    internal readonly void End() => Set(0);

    private readonly void Set(int nanoseconds)
    {
        if (!Work)
            return;
        var interval = new libc.timespec { tv_nsec = nanoseconds };
        var setting = new libc.itimerspec { it_interval = interval, it_value = interval };
        _ = libc.timer_settime(timer, 0, &setting, null);
    }
}
