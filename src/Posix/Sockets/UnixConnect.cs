using LocalService.Errors;
using LocalService.Libc;

namespace LocalService.Posix;

/// <summary>Connects a blocking Unix socket within the caller's time limit.</summary>
internal static unsafe class UnixConnect
{
    /// <summary>
    /// Connects. While the backlog of the listener is full the socket waits for its turn, through signals and stops.
    /// The wait is limited with SO_SNDTIMEO, which connect(2) on a Unix socket observes (socket(7)), because a non-blocking socket
    /// would get EAGAIN at once and nothing to poll for. Afterwards the socket has no time limit.
    /// </summary>
    /// <param name="socket">A blocking stream socket.</param>
    /// <param name="address">The address to connect to.</param>
    /// <param name="milliseconds">The longest wait; 0: no limit.</param>
    /// <returns>ETIMEDOUT when the time is over; else the error of connect(2).</returns>
    internal static Errno Within(int socket, UnixAddress address, uint milliseconds)
    {
        if (milliseconds == 0)
            return Connect(socket, address);
        long end = Clock.Milliseconds + milliseconds;
        Errno error;
        do
        {
            long left = end - Clock.Milliseconds;
            if (left <= 0)
                return new Errno(libc.ETIMEDOUT);
            error = LimitSending(socket, left) && address.Connect(socket);
        }
        while (error.Is(libc.EINTR));
        if (error.Is(libc.EAGAIN))
            return new Errno(libc.ETIMEDOUT);
        return error && LimitSending(socket, 0);
    }

    private static Errno Connect(int socket, UnixAddress address)
    {
        Errno error;
        do
            error = address.Connect(socket);
        while (error.Is(libc.EINTR));
        return error;
    }

    /// <summary>Limits how long sending, and connecting, may wait: SO_SNDTIMEO, socket(7).</summary>
    /// <param name="socket">A blocking socket.</param>
    /// <param name="milliseconds">The longest wait; 0: no limit.</param>
    internal static Errno LimitSending(int socket, long milliseconds)
    {
        var limit = new libc.timeval { tv_sec = milliseconds / 1000, tv_usec = milliseconds % 1000 * 1000 };
        return Errno.Of(libc.setsockopt(socket, libc.SOL_SOCKET, libc.SO_SNDTIMEO, &limit, (uint)sizeof(libc.timeval)));
    }
}
