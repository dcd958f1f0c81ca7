using LocalService.Errors;
using LocalService.Posix;

namespace LocalService.Services;

/// <summary>
/// What a loop waits for on behalf of one client: events of its descriptor, and a deadline. Both follow what the client is told to be waited
/// for, and cost a system call only when that changes. The default value waits for nothing.
/// </summary>
internal struct ClientWatch
{
    private Moment deadline;
    private bool hasDeadline;

    /// <summary>The events that are waited for, as epoll_ctl(2) has them.</summary>
    internal uint Events { get; private set; }

    /// <summary>Waits for other events. With none, not even the end of the connection is told.</summary>
    /// <returns>As <see cref="EventLoop.Watch"/>; nothing is waited for then that wasn't before.</returns>
    internal Errno Follow(ref EventLoop loop, int descriptor, uint events, uint tag)
    {
        if (events == Events)
            return default;
        Errno error = default;
        if (events == 0)
            loop.Forget(descriptor);
        else if (Events == 0)
            error = loop.Watch(descriptor, events, tag);
        else
            error = loop.Change(descriptor, events, tag);
        if (!error.Failed)
            Events = events;
        return error;
    }

    /// <summary>
    /// Is told of a deadline that far away, or of one before it: a deadline that is only put off is left as it is, so whoever is told of one
    /// looks whether it is over, and calls this again. There has to be room: <see cref="EventLoop.ReserveDeadlines"/>.
    /// </summary>
    /// <param name="loop">The loop.</param>
    /// <param name="milliseconds">How far; below 0: no deadline, though one may still be told of.</param>
    /// <param name="tag">What it is known by.</param>
    internal void Follow(ref EventLoop loop, int milliseconds, uint tag)
    {
        if (milliseconds < 0)
            return;
        Moment wanted = Moment.Now.PlusMilliseconds((uint)milliseconds);
        if (hasDeadline && !wanted.IsBefore(deadline))
            return;
        RemoveDeadline(ref loop);
        deadline = loop.AddDeadline(wanted, tag);
        hasDeadline = true;
    }

    /// <summary>The loop has told of the deadline.</summary>
    internal void DeadlineIsGone() => hasDeadline = false;

    /// <summary>Waits for nothing any more. Comes before the descriptor is closed.</summary>
    internal void End(ref EventLoop loop, int descriptor)
    {
        if (Events != 0)
            loop.Forget(descriptor);
        Events = 0;
        RemoveDeadline(ref loop);
    }

    private void RemoveDeadline(ref EventLoop loop)
    {
        if (hasDeadline)
            loop.RemoveDeadline(deadline);
        hasDeadline = false;
    }
}
