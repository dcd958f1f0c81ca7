using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Messages;
using LocalService.Posix;

namespace LocalService.Services;

/// <summary>
/// A service with a channel for events, seen by a client that has nothing else to do but to wait for it. It may not move in memory.
/// Specification "fd-passing", section 4.
/// </summary>
internal unsafe struct Connection
{
    private int commands;
    private int answers;
    private TextMessageWriter writer;
    private TextMessageReader answerReader;
    private TextMessageReader eventReader;
    private TimeLimit limit;

    /// <summary>The socket, when there is one.</summary>
    internal readonly int Socket => commands;

    /// <summary>The descriptor of the third channel.</summary>
    internal int Events { get; private set; }

    /// <summary>Connects to a service behind a socket, and shakes hands.</summary>
    /// <param name="path">The socket.</param>
    /// <param name="greeting">What the client speaks, one protocol.</param>
    /// <param name="milliseconds">How long everything over the connection may take from now on; 0: no limit.</param>
    /// <returns>ETIMEDOUT; EPROTO when the service answers something else; EPIPE when it ends; why the connection failed.</returns>
    internal Errno Open(ReadOnlySpan<byte> path, Greeting greeting, uint milliseconds)
    {
        Begin(milliseconds);
        Result<UnixAddress> address = UnixAddress.Of(path);
        if (address.Failed)
            return address.Error;
        using var socket = new Descriptor(libc.socket(libc.AF_UNIX, libc.SOCK_STREAM | libc.SOCK_CLOEXEC, 0));
        if (socket.Number < 0)
            return Errno.Last;
        Errno error = UnixConnect.Within(socket.Number, address.Value, milliseconds);
        if (!error.Failed)
            error = MakeNonBlocking(socket.Number);
        if (error.Failed)
            return error;
        commands = socket.Number;
        answers = socket.Number;
        Span<byte> text = stackalloc byte[Greeting.BufferSize];
        error = Send(greeting.OfClient(0, text));
        if (!error.Failed)
            error = TakeEvents();
        if (!error.Failed)
            error = ReceiveGreeting(greeting);
        if (!error.Failed)
            _ = socket.Release();
        return error;
    }

    /// <summary>Sends a command and waits for the answer, which is there until the next one.</summary>
    internal Errno Ask(ReadOnlySpan<byte> command, out ReadOnlySpan<byte> answer)
    {
        answer = default;
        Errno error = Send(command);
        return error.Failed ? error : TextConversation.Receive(answers, ref answerReader, limit, out answer);
    }

    /// <summary>Waits for the next event, which is there until the one after it.</summary>
    internal Errno NextEvent(out ReadOnlySpan<byte> text) => TextConversation.Receive(Events, ref eventReader, limit, out text);

    private void Begin(uint milliseconds)
    {
        limit = new TimeLimit(milliseconds);
        writer = new TextMessageWriter(TextMessageFormat.LargestData);
        answerReader = new TextMessageReader(TextMessageFormat.LargestData);
        eventReader = new TextMessageReader(TextMessageFormat.LargestData);
    }

    private Errno Send(scoped ReadOnlySpan<byte> command)
    {
        Errno error = writer.Add(command);
        return error.Failed ? error : TextConversation.Flush(commands, ref writer, limit);
    }

    private Errno TakeEvents()
    {
        while (true)
        {
            Result<int> received = HandOver.Receive(answers);
            if (!received.Failed)
            {
                Events = received.Value;
                return MakeNonBlocking(Events);
            }
            if (!received.Error.Is(libc.EAGAIN))
                return received.Error;
            Errno error = Readiness.ToRead(answers, limit);
            if (error.Failed)
                return error;
        }
    }

    private Errno ReceiveGreeting(Greeting greeting)
    {
        Span<byte> text = stackalloc byte[Greeting.BufferSize];
        ReadOnlySpan<byte> expected = greeting.OfServer(0, text);
        Errno error = NextEvent(out ReadOnlySpan<byte> received);
        if (!error.Failed && !received.SequenceEqual(expected))
            error = new Errno(libc.EPROTO);
        if (!error.Failed)
            error = TextConversation.Receive(answers, ref answerReader, limit, out received);
        return error.Failed || received.SequenceEqual(expected) ? error : new Errno(libc.EPROTO);
    }

    private static Errno MakeNonBlocking(int descriptor)
    {
        int flags = LibC.fcntl(descriptor, LibC.F_GETFL, 0);
        return Errno.Of(flags < 0 ? flags : LibC.fcntl(descriptor, LibC.F_SETFL, flags | LibC.O_NONBLOCK));
    }
}
