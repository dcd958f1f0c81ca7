using System;
using LocalService.Errors;
using LocalService.Libc;

namespace LocalService.Posix;

/// <summary>
/// Descriptor 2, where messages go. A program that only prepares another one writes as usual. A server must not wait for a log reader that is stuck
/// or dead: after <see cref="NeverWait"/> a message that can't be written at once is dropped, and counted.
/// </summary>
internal static unsafe class StandardError
{
    private static Way way;
    private static ulong dropped;

    private enum Way : byte
    {
        /// <summary>write(2), which waits.</summary>
        Waiting,

        /// <summary>
        /// A pipe: pwritev2(2) with RWF_NOWAIT, or, where the kernel doesn't support that for pipes (before 6.4), as <see cref="Timed"/>.
        /// </summary>
        Pipe,

        /// <summary>A socket: send(2) with MSG_DONTWAIT.</summary>
        Socket,

        /// <summary>A regular file: write(2), which waits for nobody.</summary>
        File,

        /// <summary>Anything else: write(2) when poll(2) reports room, ended by a timer when another process has used that room meanwhile.</summary>
        Timed,
    }

    /// <summary>How many messages were dropped since the last one that was written.</summary>
    internal static ulong Dropped => dropped;

    /// <summary>
    /// From now on a message that can't be written at once is dropped. The flags of the open file, which others share, stay as they are.
    /// Where that takes a timer, SIGALRM belongs to this class: it is blocked, in threads that are started later too.
    /// </summary>
    internal static void NeverWait()
    {
        Result<FileStatus> status = FileStatus.OfDescriptor(libc.STDERR_FILENO);
        way = Way.Timed;
        if (!status.Failed && status.Value.IsFifo)
            way = Way.Pipe;
        if (!status.Failed && status.Value.IsSocket)
            way = Way.Socket;
        if (!status.Failed && status.Value.IsRegular)
            way = Way.File;
        if (way is Way.Pipe or Way.Timed)
        {
            _ = Signals.Interrupt(libc.SIGALRM);
            libc.sigset_t alarm = Alarm;
            _ = libc.sigprocmask(libc.SIG_BLOCK, &alarm, null);
        }
    }

    /// <summary>
    /// Writes a message. Errors are ignored: there is nowhere to report them. A message of at most PIPE_BUF bytes (4096) is never mixed with others.
    /// </summary>
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

    // A pipe takes a message whole or not at all, pipe(7): messages of a server are shorter than PIPE_BUF.
    private static Errno TryWrite(byte* text, nuint length)
    {
        switch (way)
        {
            case Way.File:
                return Errno.Of(libc.write(libc.STDERR_FILENO, text, length));
            case Way.Socket:
                return Errno.Of(libc.send(libc.STDERR_FILENO, text, length, libc.MSG_DONTWAIT | libc.MSG_NOSIGNAL));
            case Way.Pipe:
                var vector = new libc.iovec { iov_base = text, iov_len = length };
                Errno error = Errno.Of(libc.pwritev2(libc.STDERR_FILENO, &vector, 1, libc.RWF_NOWAIT));
                if (!error.MeansMissingCall)
                    return error;
                way = Way.Timed;
                break;
        }
        var standardError = new pollfd { fd = libc.STDERR_FILENO, events = LibC.POLLOUT };
        int ready = LibC.poll(&standardError, 1, 0);
        if (ready <= 0)
            return ready < 0 ? Errno.Last : new Errno(libc.EAGAIN);
        return WriteWithin(text, length);
    }

    private static libc.sigset_t Alarm
    {
        get
        {
            libc.sigset_t alarm = default;
            alarm.Add(libc.SIGALRM);
            return alarm;
        }
    }

    /// <summary>
    /// Writes, and gives up after a moment: a timer interrupts write(2), which has then written all of the message or nothing. The timer repeats,
    /// because the first signal may come before the call has begun.
    /// </summary>
    private static Errno WriteWithin(byte* text, nuint length)
    {
        const long FirstMicroseconds = 20_000;
        const long NextMicroseconds = 5_000;
        libc.sigset_t alarm = Alarm;
        if (libc.sigprocmask(libc.SIG_UNBLOCK, &alarm, null) < 0)
            return Errno.Last;
        var bound = new libc.itimerval
        {
            it_value = new libc.timeval { tv_usec = FirstMicroseconds },
            it_interval = new libc.timeval { tv_usec = NextMicroseconds },
        };
        Errno error = Errno.Of(libc.setitimer(libc.ITIMER_REAL, &bound, null)) && Errno.Of(libc.write(libc.STDERR_FILENO, text, length));
        bound = default;
        _ = libc.setitimer(libc.ITIMER_REAL, &bound, null);
        _ = libc.sigprocmask(libc.SIG_BLOCK, &alarm, null);
        return error.Is(libc.EINTR) ? new Errno(libc.EAGAIN) : error;
    }
}
