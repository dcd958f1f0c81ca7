using System;
using LocalService.Libc;

namespace LocalService.Errors;

/// <summary>
/// An error number of the operating system, errno(3). The default value means success. <c>a &amp;&amp; b</c> evaluates b if a is a success,
/// and is the first failure.
/// </summary>
internal readonly struct Errno(int number)
{
    internal int Number { get; } = number;

    /// <summary>The error of the last failed system call on this thread. Read it right after the call.</summary>
    internal static Errno Last => new(libc.errno);

    internal bool Failed => Number != 0;

    public static bool operator true(Errno error) => !error.Failed;

    public static bool operator false(Errno error) => error.Failed;

    public static Errno operator &(Errno first, Errno second) => first.Failed ? first : second;

    internal bool Is(int number) => Number == number;

    /// <summary>
    /// Whether a call or flag newer than Linux 3.10 is unavailable, so that the older way is needed (decision 28): the kernel doesn't know it, or
    /// a filter of system calls or a file system refuses it. If the error has another cause, the older way runs into it again.
    /// </summary>
    internal bool MeansMissingCall => Number is libc.ENOSYS or libc.EPERM or libc.EINVAL or libc.EOPNOTSUPP;

    /// <summary>The English text, without a final period.</summary>
    internal ReadOnlySpan<byte> Text => ErrnoText.Of(Number);

    /// <summary>The outcome of a call that returns a negative number on failure and sets errno.</summary>
    internal static Errno Of(nint returned) => returned < 0 ? Last : default;

    /// <summary>Whether a call was interrupted by a signal, or given up by a file system (EINTR): repeat it.</summary>
    internal static bool Interrupted(nint returned) => returned < 0 && libc.errno == libc.EINTR;
}
