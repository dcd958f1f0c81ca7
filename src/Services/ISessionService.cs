using System;

namespace LocalService.Services;

/// <summary>What a daemon does for its one client. No method may wait.</summary>
internal interface ISessionService
{
    /// <summary>Carries out a command and answers it.</summary>
    /// <param name="loop">The loop of the daemon.</param>
    /// <param name="session">The client.</param>
    /// <param name="command">What the client has sent.</param>
    /// <returns>False when it isn't a command: the session ends, with exit code 100.</returns>
    bool TryHandle(ref EventLoop loop, ref Session session, ReadOnlySpan<byte> command);

    /// <summary>A descriptor that the service watches, under one of its own tags from 0 on, can be read or has an error.</summary>
    void Ready(ref EventLoop loop, ref Session session, uint tag);

    /// <summary>A deadline of the service has passed.</summary>
    void Deadline(ref EventLoop loop, ref Session session, uint tag);

    /// <summary>The session ends: removes what others can see of it.</summary>
    void Close();
}
