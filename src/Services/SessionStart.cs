using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Messages;
using LocalService.Posix;

namespace LocalService.Services;

/// <summary>
/// How a session begins, as the server sees it. Its client has started the server with pipes on descriptors 0, 1 and a third one whose number is
/// in the environment; or it is at the other end of a socket, which is both 0 and 1, and is given a pipe as the third channel.
/// Specification "fd-passing", sections 4.1 and 4.2, decisions 18 and 22.
/// </summary>
internal static unsafe class SessionStart
{
    /// <summary>The variable in which a client that starts a server tells it the number of the third channel.</summary>
    internal static ReadOnlySpan<byte> EventsVariable => "SKALIBS_CHILD_SPAWN_FDS"u8;

    /// <summary>Shakes hands, and makes all three channels non-blocking and close-on-exec.</summary>
    /// <param name="greeting">The protocols that the server speaks.</param>
    /// <param name="environment">The environment of the server.</param>
    /// <param name="milliseconds">How long the client may take to choose a protocol.</param>
    /// <param name="session">The session. Commands that the client has sent already are in its reader.</param>
    /// <returns>ETIMEDOUT; EPROTO for a client that says something else; the error of a channel.</returns>
    internal static Errno Begin(Greeting greeting, EnvironmentBlock environment, uint milliseconds, ref Session session)
    {
        var limit = new TimeLimit(milliseconds);
        bool hasPipes = environment.TryGet(EventsVariable, out ReadOnlySpan<byte> number);
        int events = -1;
        Errno error = hasPipes ? ParseNumber(number, out events) : CheckSocket();
        error = error && Prepare(libc.STDIN_FILENO) && Prepare(libc.STDOUT_FILENO) && ReceiveGreeting(greeting, limit, ref session);
        if (error.Failed)
            return error;
        if (!hasPipes)
        {
            error = HandOverPipe(limit, out events);
        }
        else
        {
            error = Prepare(events);
        }
        session.Events = events;
        return error && SendGreeting(greeting, limit, ref session);
    }

    private static Errno ParseNumber(ReadOnlySpan<byte> text, out int events)
    {
        bool valid = Numbers.TryParse(text, out uint number) && number is > libc.STDOUT_FILENO and <= int.MaxValue;
        events = (int)number;
        return valid ? default : new Errno(libc.EPROTO);
    }

    private static Errno CheckSocket()
    {
        Result<FileStatus> status = FileStatus.OfDescriptor(libc.STDIN_FILENO);
        if (status.Failed)
            return status.Error;
        return status.Value.IsSocket ? default : new Errno(libc.EPROTO);
    }

    /// <summary>
    /// Makes a channel nonblocking. The open file belongs to the session, so that nobody else sees the change. EBADF for a closed number.
    /// </summary>
    private static Errno Prepare(int descriptor)
    {
        if (!UserDescriptor.IsOpen(descriptor))
            return new Errno(libc.EBADF);
        int flags = LibC.fcntl(descriptor, LibC.F_GETFL, 0);
        bool prepared = flags >= 0
            && LibC.fcntl(descriptor, LibC.F_SETFL, flags | LibC.O_NONBLOCK) >= 0
            && LibC.fcntl(descriptor, LibC.F_SETFD, LibC.FD_CLOEXEC) >= 0;
        return prepared ? default : Errno.Last;
    }

    private static Errno ReceiveGreeting(Greeting greeting, in TimeLimit limit, ref Session session)
    {
        Errno error = TextConversation.Receive(libc.STDIN_FILENO, ref session.Commands, limit, out ReadOnlySpan<byte> message);
        if (error.Failed)
            return error;
        bool known = greeting.TryRecognize(message, out int dialect);
        session.Dialect = dialect;
        return known ? default : new Errno(libc.EPROTO);
    }

    /// <summary>Makes the third channel, a pipe that is nonblocking at both ends, and sends the client its end.</summary>
    private static Errno HandOverPipe(in TimeLimit limit, out int events)
    {
        int* ends = stackalloc int[2];
        events = -1;
        if (libc.pipe2(ends, LibC.O_CLOEXEC | LibC.O_NONBLOCK) < 0)
            return Errno.Last;
        using var clientsEnd = new Descriptor(ends[0]);
        events = ends[1];
        Errno error = HandOver.Send(libc.STDOUT_FILENO, clientsEnd.Number);
        while (error.Is(libc.EAGAIN))
        {
            error = Readiness.ToWrite(libc.STDOUT_FILENO, limit) && HandOver.Send(libc.STDOUT_FILENO, clientsEnd.Number);
        }
        return error;
    }

    /// <summary>Sends the greeting over the third channel first: the client reads that one first.</summary>
    private static Errno SendGreeting(Greeting greeting, in TimeLimit limit, ref Session session)
    {
        ReadOnlySpan<byte> text = greeting.OfServer(session.Dialect, stackalloc byte[Greeting.BufferSize]);
        return session.Posted.Add(text)
            && session.Answers.Add(text)
            && TextConversation.Flush(session.Events, ref session.Posted, limit)
            && TextConversation.Flush(libc.STDOUT_FILENO, ref session.Answers, limit);
    }
}
