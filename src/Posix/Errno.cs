using System;
using LocalService.Libc;

namespace LocalService.Posix;

/// <summary>An error number of the operating system, errno(3). The default value means that nothing failed.</summary>
internal readonly struct Errno(int number)
{
    internal int Number { get; } = number;

    /// <summary>The error of the system call that failed last on this thread. Ask right after the call.</summary>
    internal static Errno Last => new(libc.errno);

    internal bool Failed => Number != 0;

    internal bool Is(int number) => Number == number;

    /// <summary>The English text, without a final period.</summary>
    internal ReadOnlySpan<byte> Text => ErrnoText.Of(Number);

    /// <summary>The outcome of a call that returns a negative number on failure and sets errno.</summary>
    internal static Errno Of(nint returned) => returned < 0 ? Last : default;
}
