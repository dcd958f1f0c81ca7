using LocalService.Errors;
using LocalService.Libc;

namespace LocalService.Posix;

/// <summary>Waits until a descriptor is ready, poll(2), through signals, and not longer than allowed.</summary>
internal static unsafe class Readiness
{
    /// <summary>Waits until there is data to read, or end of file.</summary>
    /// <returns>ETIMEDOUT when the time is over, EBADF when the descriptor isn't open.</returns>
    internal static Errno ToRead(int descriptor, in TimeLimit limit) => Await(descriptor, LibC.POLLIN, limit);

    /// <summary>Waits until there is room to write, or writing fails.</summary>
    /// <returns>ETIMEDOUT when the time is over, EBADF when the descriptor isn't open.</returns>
    internal static Errno ToWrite(int descriptor, in TimeLimit limit) => Await(descriptor, LibC.POLLOUT, limit);

    private static Errno Await(int descriptor, short events, in TimeLimit limit)
    {
        var watched = new pollfd { fd = descriptor, events = events };
        while (true)
        {
            int ready = LibC.poll(&watched, 1, limit.Left);
            if (ready > 0)
                return (watched.revents & LibC.POLLNVAL) == 0 ? default : new Errno(libc.EBADF);
            Errno error = Errno.Of(ready);
            if (error.Failed && !BackOff.MayWaitAgain(error))
                return error;
            // The longest wait of poll(2) is shorter than the longest limit.
            if (limit.IsOver)
                return new Errno(libc.ETIMEDOUT);
        }
    }
}
