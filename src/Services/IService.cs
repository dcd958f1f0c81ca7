namespace LocalService.Services;

/// <summary>The handlers of a daemon. None of them may wait: all its clients wait meanwhile.</summary>
internal interface IService
{
    /// <summary>A descriptor can be read or written, or has an error, which the next read or write returns.</summary>
    /// <param name="loop">The loop of the daemon.</param>
    /// <param name="tag">The tag of the descriptor.</param>
    /// <param name="events">EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP.</param>
    void Ready(ref EventLoop loop, uint tag, uint events);

    /// <summary>A deadline has passed, and is gone.</summary>
    /// <param name="loop">The loop of the daemon.</param>
    /// <param name="tag">The tag of the deadline.</param>
    void Deadline(ref EventLoop loop, uint tag);

    /// <summary>A signal has come, one of those that are read.</summary>
    /// <param name="loop">The loop of the daemon.</param>
    /// <param name="number">The signal.</param>
    void Signal(ref EventLoop loop, int number);

    /// <summary>The daemon has been told of everything that happened in this turn.</summary>
    void EndTurn(ref EventLoop loop);
}
