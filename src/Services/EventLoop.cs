using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Services;

/// <summary>
/// What a daemon waits for: descriptors, by epoll(7), whose cost doesn't depend on how many are watched, and deadlines, in one order. Each has a tag
/// that the daemon chooses. <see cref="ServiceLoop{TService}"/> tells the daemon what happened.
/// </summary>
internal unsafe struct EventLoop
{
    private int epoll;
    private DeadlineOrder<Moment> deadlines;
    private int exitCode;

    /// <summary>Whether the daemon should end.</summary>
    internal bool IsOver { get; private set; }

    /// <summary>The exit code when <see cref="IsOver"/>.</summary>
    internal readonly int ExitCode => exitCode;

    /// <summary>Makes a loop that watches nothing. Fails where epoll_create1(2) does: EMFILE, ENFILE, ENOMEM.</summary>
    internal static Errno Open(out EventLoop loop)
    {
        loop = new EventLoop { epoll = libc.epoll_create1(libc.EPOLL_CLOEXEC) };
        return Errno.Of(loop.epoll);
    }

    /// <summary>The loop ends the daemon after the present turn. The first exit code counts.</summary>
    internal void End(int code)
    {
        if (!IsOver)
            exitCode = code;
        IsOver = true;
    }

    /// <summary>
    /// From now on the daemon is told when the descriptor is ready. If another descriptor had this tag before, one call may still be meant for that
    /// one: reads and writes have to handle EAGAIN.
    /// </summary>
    /// <param name="descriptor">The descriptor, which must be nonblocking.</param>
    /// <param name="events">EPOLLIN, EPOLLOUT or both; errors and hang-ups are reported anyway.</param>
    /// <param name="tag">The tag that the daemon knows it by.</param>
    /// <returns>ENOMEM, ENOSPC; EPERM for a regular file or directory.</returns>
    internal readonly Errno Watch(int descriptor, uint events, uint tag) => Control(libc.EPOLL_CTL_ADD, descriptor, events, tag);

    /// <summary>Watches a descriptor, which is watched already, for other events.</summary>
    internal readonly Errno Change(int descriptor, uint events, uint tag) => Control(libc.EPOLL_CTL_MOD, descriptor, events, tag);

    /// <summary>
    /// Stops watching. Call it before the descriptor is closed: otherwise watching goes on as long as others hold the same open file.
    /// </summary>
    internal readonly void Forget(int descriptor) => _ = Control(libc.EPOLL_CTL_DEL, descriptor, 0, 0);

    /// <summary>Makes room, so that adding this many deadlines can't fail. ENOMEM.</summary>
    internal Errno ReserveDeadlines(int additions) => deadlines.Reserve(additions);

    /// <summary>Adds a deadline, after <see cref="ReserveDeadlines"/>.</summary>
    /// <returns>
    /// The moment that it got, which no other deadline has, to remove it by. The deadline is gone by itself when the daemon is told of it.
    /// </returns>
    internal Moment AddDeadline(Moment at, uint tag) => deadlines.Add(at, (int)tag);

    /// <summary>Removes a deadline that the daemon was not told of.</summary>
    internal void RemoveDeadline(Moment at) => deadlines.Remove(at);

    /// <summary>Takes the next deadline that has passed.</summary>
    internal bool TryTakeOverdue(Moment now, out uint tag)
    {
        tag = 0;
        if (deadlines.Count == 0 || now.IsBefore(deadlines.DateAt(0)))
            return false;
        tag = (uint)deadlines.NumberAt(0);
        deadlines.Remove(deadlines.DateAt(0));
        return true;
    }

    /// <summary>Waits until something is ready or the next deadline has passed.</summary>
    /// <param name="events">Gets what is ready.</param>
    /// <param name="count">How many there is room for.</param>
    /// <returns>How many are ready; 0 after EINTR, which isn't an error.</returns>
    internal readonly Result<int> Wait(libc.epoll_event* events, int count)
    {
        int milliseconds = deadlines.Count == 0 ? -1 : deadlines.DateAt(0).MillisecondsFrom(Moment.Now);
        int ready = libc.epoll_wait(epoll, events, count, milliseconds);
        if (ready >= 0)
            return ready;
        Errno error = Errno.Last;
        return error.Is(libc.EINTR) ? 0 : error;
    }

    /// <summary>Frees everything.</summary>
    internal void Close()
    {
        _ = libc.close(epoll);
        deadlines.Free();
    }

    private readonly Errno Control(int operation, int descriptor, uint events, uint tag)
    {
        var interest = new libc.epoll_event { events = events, data = tag };
        return Errno.Of(libc.epoll_ctl(epoll, operation, descriptor, &interest));
    }
}
