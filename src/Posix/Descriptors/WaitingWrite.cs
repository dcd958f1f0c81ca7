using System;
using LocalService.Errors;
using LocalService.Libc;

namespace LocalService.Posix;

/// <summary>
/// Writes that wait, also on a pipe or a terminal that somebody else has made non-blocking: O_NONBLOCK belongs to the open file, which other processes
/// share.
/// </summary>
internal static class WaitingWrite
{
    /// <summary>Writes all of a text. Fails where write(2) does, but not with EINTR or EAGAIN.</summary>
    internal static unsafe Errno All(int descriptor, ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty)
        {
            nint written;
            fixed (byte* start = text)
                written = libc.write(descriptor, start, (nuint)text.Length);
            Errno error = Errno.Of(written);
            if (error.Is(libc.EAGAIN))
                error = Readiness.ToWrite(descriptor, default);
            else if (error.Is(libc.EINTR))
                error = default;
            if (error.Failed)
                return error;
            if (written > 0)
                text = text[(int)written..];
        }
        return default;
    }
}
