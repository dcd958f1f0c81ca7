using LocalService.Errors;
using LocalService.Posix;

namespace LocalService.Services;

/// <summary>
/// What a loop waits for on behalf of one client: events of its descriptor, and a deadline. Both follow the present needs of the client, and cost a
/// system call only when those change. The default value waits for nothing.
/// </summary>
internal struct ClientWatch
{
    private Moment deadline;
    private bool hasDeadline;

    /// <summary>The events that are waited for, as epoll_ctl(2) has them.</summary>
    internal uint Events { get; private set; }

    /// <summary>Waits for other events. With none, not even the end of the connection is reported.</summary>
    /// <returns>As <see cref="EventLoop.Watch"/>; after an error the loop waits for the same events as before.</returns>
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
    /// Sets a deadline that far away, or keeps an earlier one: a deadline that is only put off stays as it is, so the caller checks at each report
    /// whether its deadline has passed, and calls this again. There has to be room: <see cref="EventLoop.ReserveDeadlines"/>.
    /// </summary>
    /// <param name="loop">The loop.</param>
    /// <param name="milliseconds">How far; below 0: no deadline, though an earlier one may still be reported.</param>
    /// <param name="tag">The tag of the deadline.</param>
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

    /// <summary>The loop has reported the deadline.</summary>
    internal void DeadlineIsGone() => hasDeadline = false;

    /// <summary>Stops waiting. Call it before the descriptor is closed.</summary>
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
