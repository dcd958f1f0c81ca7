namespace LocalService.Services;

/// <summary>What a daemon does when something happens. None of it may wait: all its clients wait meanwhile.</summary>
internal interface IService
{
    /// <summary>A descriptor can be read or written, or is in trouble: the next read or write says in which.</summary>
    /// <param name="loop">What is waited for.</param>
    /// <param name="tag">What the descriptor is known by.</param>
    /// <param name="events">EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP.</param>
    void Ready(ref EventLoop loop, uint tag, uint events);

    /// <summary>A deadline is over, and gone.</summary>
    /// <param name="loop">What is waited for.</param>
    /// <param name="tag">What the deadline is known by.</param>
    void Deadline(ref EventLoop loop, uint tag);

    /// <summary>A signal has come, one of those that are read.</summary>
    /// <param name="loop">What is waited for.</param>
    /// <param name="number">The signal.</param>
    void Signal(ref EventLoop loop, int number);

    /// <summary>Everything that had happened in this turn has been told.</summary>
    void EndTurn(ref EventLoop loop);
}
