using System.Runtime.InteropServices;

namespace LocalService.Libc;

/// <summary>sys/time.h: setitimer(2), getitimer(2).</summary>
internal static unsafe partial class libc
{
    public const int ITIMER_REAL = 0;

    public struct itimerval
    {
        public timeval it_interval;
        public timeval it_value;
    }

    [DllImport("libc"), SuppressGCTransition] public static extern int getitimer(int which, itimerval* value);
    [DllImport("libc"), SuppressGCTransition] public static extern int setitimer(int which, itimerval* value, itimerval* old);
}
