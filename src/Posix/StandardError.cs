using System;
using LocalService.Libc;

namespace LocalService.Posix;

/// <summary>
/// Descriptor 2, where messages go. A program that only prepares another one writes as usual. A server may not wait for a reader of its
/// log that is stuck or dead: after <see cref="NeverWait"/> what can't be written at once is dropped, and counted.
/// </summary>
internal static unsafe class StandardError
{
    private static Way way;
    private static ulong dropped;

    private enum Way : byte
    {
        /// <summary>write(2), which waits.</summary>
        Waiting,

        /// <summary>A pipe: pwritev2(2) with RWF_NOWAIT, or, on a kernel that doesn't know that for pipes, as below.</summary>
        Pipe,

        /// <summary>A socket: send(2) with MSG_DONTWAIT.</summary>
        Socket,

        /// <summary>Anything else: write(2) when poll(2) says that it can be written to. Regular files always can.</summary>
        Polled,
    }

    /// <summary>How many messages were dropped since the last one that was written.</summary>
    internal static ulong Dropped => dropped;

    /// <summary>From now on a message that can't be written at once is dropped. The flags of the open file, which others share, stay as they are.</summary>
    internal static void NeverWait()
    {
        Result<FileStatus> status = FileStatus.OfDescriptor(libc.STDERR_FILENO);
        way = Way.Polled;
        if (!status.Failed && status.Value.IsFifo)
            way = Way.Pipe;
        if (!status.Failed && status.Value.IsSocket)
            way = Way.Socket;
    }

    /// <summary>Writes a message. Errors are ignored: there is nowhere to report them.</summary>
    internal static void Write(ReadOnlySpan<byte> message)
    {
        fixed (byte* text = message)
        {
            if (way == Way.Waiting)
                WriteAll(text, message.Length);
            else
                dropped = TryWriteThroughSignals(text, (nuint)message.Length).Failed ? dropped + 1 : 0;
        }
    }

    private static Errno TryWriteThroughSignals(byte* text, nuint length)
    {
        Errno error;
        do
            error = TryWrite(text, length);
        while (error.Is(libc.EINTR));
        return error;
    }

    private static void WriteAll(byte* text, int length)
    {
        while (length > 0)
        {
            nint written = libc.write(libc.STDERR_FILENO, text, (nuint)length);
            if (Errno.Interrupted(written))
                continue;
            if (written <= 0)
                return;
            text += written;
            length -= (int)written;
        }
    }

    // A message that a pipe takes at once it takes whole, pipe(7): those of a server are shorter than PIPE_BUF.
    private static Errno TryWrite(byte* text, nuint length)
    {
        if (way == Way.Socket)
            return Errno.Of(libc.send(libc.STDERR_FILENO, text, length, libc.MSG_DONTWAIT | libc.MSG_NOSIGNAL));
        if (way == Way.Pipe)
        {
            var vector = new libc.iovec { iov_base = text, iov_len = length };
            Errno error = Errno.Of(libc.pwritev2(libc.STDERR_FILENO, &vector, 1, libc.RWF_NOWAIT));
            if (!error.MeansMissingCall)
                return error;
            way = Way.Polled;
        }
        var standardError = new libc.pollfd { fd = libc.STDERR_FILENO, events = libc.POLLOUT };
        int ready = libc.poll(&standardError, 1, 0);
        if (ready <= 0)
            return ready < 0 ? Errno.Last : new Errno(libc.EAGAIN);
        return Errno.Of(libc.write(libc.STDERR_FILENO, text, length));
    }
}
