using LocalService.Libc;

namespace LocalService.Posix;

/// <summary>A word that threads of a process wait on until it changes, futex(2).</summary>
internal static unsafe class Futex
{
    /// <summary>Waits while the word has a value. It may return early: check the condition again.</summary>
    /// <param name="word">The word.</param>
    /// <param name="value">The value.</param>
    /// <param name="milliseconds">The longest wait; below 0: no limit.</param>
    internal static void Wait(int* word, int value, int milliseconds)
    {
        var limit = new libc.timespec { tv_sec = milliseconds / 1000, tv_nsec = milliseconds % 1000 * 1_000_000L };
        _ = libc.futex(word, libc.FUTEX_WAIT_PRIVATE, value, milliseconds < 0 ? null : &limit);
    }

    /// <summary>Wakes all waiting threads, after the word was changed.</summary>
    internal static void Wake(int* word) => _ = libc.futex(word, libc.FUTEX_WAKE_PRIVATE, int.MaxValue, null);
}
