using System.Runtime.InteropServices;

namespace LocalService.Libc;

/// <summary>sys/timerfd.h</summary>
internal static unsafe partial class libc
{
    public const int TFD_CLOEXEC = 0x80000;
    public const int TFD_NONBLOCK = 0x800;
    public const int TFD_TIMER_ABSTIME = 1;
    public const int TFD_TIMER_CANCEL_ON_SET = 2;

    public struct itimerspec
    {
        public timespec it_interval;
        public timespec it_value;
    }

    [DllImport("libc"), SuppressGCTransition] public static extern int timerfd_create(int clock, int flags);
    [DllImport("libc"), SuppressGCTransition] public static extern int timerfd_settime(int fd, int flags, itimerspec* value, itimerspec* old);
}
