using System;

namespace LocalService.Services;

/// <summary>What a daemon does for its one client. None of it may wait.</summary>
internal interface ISessionService
{
    /// <summary>Carries out a command and answers it.</summary>
    /// <param name="loop">What is waited for.</param>
    /// <param name="session">The client.</param>
    /// <param name="command">What it has sent.</param>
    /// <returns>False when it is no command: the session ends, with exit code 100.</returns>
    bool TryHandle(ref EventLoop loop, ref Session session, ReadOnlySpan<byte> command);

    /// <summary>A descriptor that the service watches, under a tag of its own from 0 on, can be read or is in trouble.</summary>
    void Ready(ref EventLoop loop, ref Session session, uint tag);

    /// <summary>A deadline of the service is over.</summary>
    void Deadline(ref EventLoop loop, ref Session session, uint tag);

    /// <summary>The session ends: what others can see of it is removed.</summary>
    void Close();
}
