using System.Runtime.InteropServices;
using LocalService.Libc;

namespace LocalService.Posix;

/// <summary>
/// The handler of signals that a timer repeats in order to interrupt a system call. It only makes the interval of the timer longer. Otherwise, where
/// the handling of a signal takes longer than the interval, as under a tracer, in an emulation or on a busy machine, the next signal would always come
/// before the thread has gone on. It may run in a child that shares the memory of this process: it changes nothing there but a number of no importance.
/// </summary>
internal static unsafe class RepeatedSignals
{
    private const int LongestMilliseconds = 200;

    // In siginfo_t: the origin of the signal, and the value that timer_create(2) got. The number of the timer is there too, but not that of an
    // emulated system.
    private const int CodeOffset = 8;
    private const int ValueOffset = 24;

    private static int count;

    /// <summary>Changes with each signal in any thread: a call that left it as it was has not been interrupted.</summary>
    internal static int Count => count;

    /// <summary>The handler, for a signal with SA_SIGINFO.</summary>
    internal static nint Handler => (nint)(delegate* unmanaged<int, byte*, void*, void>)&Handle;

    [UnmanagedCallersOnly]
    private static void Handle(int signal, byte* information, void* context)
    {
        int errno = libc.errno;
        count++;
        if (signal == libc.SIGALRM)
            SlowDownAlarm();
        else if (*(int*)(information + CodeOffset) == libc.SI_TIMER)
            SlowDown(**(int**)(information + ValueOffset));
        libc.errno = errno;
    }

    // A timer that was stopped before its last signal came has an interval of 0 and stays so.
    private static void SlowDown(int timer)
    {
        libc.itimerspec setting;
        if (libc.timer_gettime(timer, &setting) < 0 || setting.it_interval.tv_sec > 0 || setting.it_interval.tv_nsec >= LongestMilliseconds * 1_000_000)
            return;
        setting.it_interval.tv_nsec *= 2;
        setting.it_value = setting.it_interval;
        _ = libc.timer_settime(timer, 0, &setting, null);
    }

    private static void SlowDownAlarm()
    {
        libc.itimerval setting;
        if (libc.getitimer(libc.ITIMER_REAL, &setting) < 0 || setting.it_interval.tv_sec > 0 || setting.it_interval.tv_usec >= LongestMilliseconds * 1000)
            return;
        setting.it_interval.tv_usec *= 2;
        setting.it_value = setting.it_interval;
        _ = libc.setitimer(libc.ITIMER_REAL, &setting, null);
    }
}
