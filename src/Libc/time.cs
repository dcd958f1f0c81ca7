using System.Runtime.InteropServices;

namespace LocalService.Libc;

/// <summary>time.h, and struct timeval of sys/time.h.</summary>
internal static unsafe partial class libc
{
    public const int CLOCK_REALTIME = 0;
    public const int CLOCK_MONOTONIC = 1;

    public struct timespec
    {
        public long tv_sec;
        public long tv_nsec;
    }

    public struct timeval
    {
        public long tv_sec;
        public long tv_usec;
    }

    [DllImport("libc"), SuppressGCTransition] public static extern int nanosleep(timespec* time, timespec* left);
    [DllImport("libc"), SuppressGCTransition] public static extern int clock_gettime(int clock, timespec* time);

    public const int SIGEV_THREAD_ID = 4;

    /// <summary>struct sigevent, in the kernel's layout.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 64)]
    public struct sigevent
    {
        public nint sigev_value;
        public int sigev_signo;
        public int sigev_notify;
        public int sigev_notify_thread_id;
    }

    /// <summary>timer_create(2). The kernel identifies the timer by a number, which libc's own function hides.</summary>
    public static int timer_create(int clock, sigevent* notification, int* timer) =>
        (int)syscall(SYS_timer_create, clock, (nint)notification, (nint)timer, 0, 0, 0);

    /// <summary>timer_gettime(2).</summary>
    public static int timer_gettime(int timer, itimerspec* value) => (int)syscall(SYS_timer_gettime, timer, (nint)value, 0, 0, 0, 0);

    /// <summary>timer_settime(2).</summary>
    public static int timer_settime(int timer, int flags, itimerspec* value, itimerspec* old) =>
        (int)syscall(SYS_timer_settime, timer, flags, (nint)value, (nint)old, 0, 0);
}
