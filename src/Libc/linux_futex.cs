namespace LocalService.Libc;

/// <summary>linux/futex.h</summary>
internal static unsafe partial class libc
{
    public const int FUTEX_WAIT_PRIVATE = 128;
    public const int FUTEX_WAKE_PRIVATE = 129;

    /// <summary>futex(2). The time limit of a wait is relative, on CLOCK_MONOTONIC; null: none.</summary>
    public static int futex(int* word, int operation, int value, timespec* timeout) =>
        (int)syscall(SYS_futex, (nint)word, operation, value, (nint)timeout, 0, 0);

    /// <summary>gettid(2).</summary>
    public static int gettid() => (int)syscall(SYS_gettid, 0, 0, 0, 0, 0, 0);
}
