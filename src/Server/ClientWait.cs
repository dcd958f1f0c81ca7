using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Server;

/// <summary>
/// A thread's wait for a client, epoll(7): each client wakes one of the waiting threads. Waiting in accept(2) itself would do the same, but accept(2)
/// takes the number of the new descriptor before it waits, so a limit on descriptors would show one client late.
/// </summary>
internal unsafe struct ClientWait
{
    private int epoll;

    /// <summary>Prepares to wait. Fails where epoll_create1(2) does: EMFILE, ENFILE, ENOMEM.</summary>
    internal Errno Prepare(int listener)
    {
        epoll = libc.epoll_create1(libc.EPOLL_CLOEXEC);
        if (epoll < 0)
            return Errno.Last;
        Errno error = Watch(listener, libc.EPOLLIN | libc.EPOLLEXCLUSIVE);
        // Before Linux 4.5 every thread is woken for each client, and all but one find none.
        if (error.MeansMissingCall)
            error = Watch(listener, libc.EPOLLIN);
        if (error.Failed)
            Close();
        return error;
    }

    private readonly Errno Watch(int listener, uint events)
    {
        var interest = new libc.epoll_event { events = events };
        return Errno.Of(libc.epoll_ctl(epoll, libc.EPOLL_CTL_ADD, listener, &interest));
    }

    /// <summary>
    /// Returns when there may be a client, or an error of the socket, which accept(2) then reports. False when a signal came first.
    /// </summary>
    internal readonly bool Wait()
    {
        libc.epoll_event happened;
        if (libc.epoll_wait(epoll, &happened, 1, -1) >= 0)
            return true;
        if (libc.errno == libc.EINTR)
            return false;
        BackOff.Rest();
        return true;
    }

    internal readonly void Close() => _ = libc.close(epoll);
}
