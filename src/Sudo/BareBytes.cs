using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Sudo;

/// <summary>
/// The data that client and server exchange besides the client's message: a few bytes without any frame. Neither end changes the flags of its
/// descriptors: they ask poll(2) before each call.
/// </summary>
internal static unsafe class BareBytes
{
    /// <summary>Reads until the target is full.</summary>
    /// <param name="descriptor">The descriptor to read from.</param>
    /// <param name="target">Gets the bytes.</param>
    /// <param name="limit">The time limit.</param>
    /// <param name="received">The number of bytes read; fewer than asked for, without an error, at the end of the stream.</param>
    internal static Errno Read(int descriptor, Span<byte> target, in TimeLimit limit, out int received)
    {
        received = 0;
        while (received < target.Length)
        {
            Errno error = Readiness.ToRead(descriptor, limit);
            if (error.Failed)
                return error;
            nint size;
            fixed (byte* rest = target[received..])
                size = libc.read(descriptor, rest, (nuint)(target.Length - received));
            error = Errno.Of(size);
            if (error.Failed && !MayBeRepeated(error))
                return error;
            if (size == 0)
                return default;
            received += error.Failed ? 0 : (int)size;
        }
        return default;
    }

    /// <summary>Writes all of a text.</summary>
    internal static Errno Write(int descriptor, ReadOnlySpan<byte> text, in TimeLimit limit)
    {
        while (!text.IsEmpty)
        {
            Errno error = Readiness.ToWrite(descriptor, limit);
            if (error.Failed)
                return error;
            nint size;
            fixed (byte* rest = text)
                size = libc.write(descriptor, rest, (nuint)text.Length);
            error = Errno.Of(size);
            if (error.Failed && !MayBeRepeated(error))
                return error;
            if (!error.Failed)
                text = text[(int)size..];
        }
        return default;
    }

    private static bool MayBeRepeated(Errno error) => error.Is(libc.EINTR) || error.Is(libc.EAGAIN);
}
