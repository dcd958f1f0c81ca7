using System.Runtime.CompilerServices;
using LocalService.Libc;

namespace LocalService.Posix;

/// <summary>Time that no one can set back: CLOCK_MONOTONIC, clock_gettime(2).</summary>
internal static unsafe class Clock
{
    /// <summary>Microseconds since some moment before the process started.</summary>
    internal static long Microseconds
    {
        get
        {
            libc.timespec now;
            _ = libc.clock_gettime(libc.CLOCK_MONOTONIC, &now);
            return now.tv_sec * 1_000_000 + now.tv_nsec / 1000;
        }
    }

    /// <summary>Waits, nanosleep(2); a signal ends it early.</summary>
    internal static void Sleep(int milliseconds)
    {
        var time = new libc.timespec { tv_sec = milliseconds / 1000, tv_nsec = milliseconds % 1000 * 1_000_000 };
        _ = libc.nanosleep(&time, null);
    }

    /// <summary>Milliseconds since some moment before the process started.</summary>
    internal static long Milliseconds
    {
        [MethodImpl(MethodImplOptions.NoInlining)] // called from many places
        get => Microseconds / 1000;
    }

    /// <summary>Milliseconds since 1970 by the wall clock, which can be set; 0 when it can't be read.</summary>
    internal static ulong MillisecondsSince1970
    {
        get
        {
            libc.timespec now;
            return libc.clock_gettime(libc.CLOCK_REALTIME, &now) < 0 ? 0 : ((ulong)now.tv_sec * 1000) + ((ulong)now.tv_nsec / 1_000_000);
        }
    }
}
