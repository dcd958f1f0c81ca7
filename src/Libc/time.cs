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
}
