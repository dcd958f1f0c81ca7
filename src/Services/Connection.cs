using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Messages;
using LocalService.Posix;

namespace LocalService.Services;

/// <summary>
/// A client's connection to a service with a channel for events. <see cref="Ask"/> and <see cref="NextEvent"/> are for a client that has nothing else
/// to do but to wait, the other methods for one that never waits. It may not move in memory. Specification "fd-passing", section 4.
/// </summary>
internal unsafe struct Connection
{
    private const int NumberSize = 20;

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
    /// <param name="greeting">The client's greeting, with one protocol.</param>
    /// <param name="milliseconds">How long everything over the connection may take from now on; 0: no limit.</param>
    /// <returns>ETIMEDOUT; EPROTO when the service answers something else; EPIPE when it ends; the error of connecting.</returns>
    internal Errno Open(ReadOnlySpan<byte> path, Greeting greeting, uint milliseconds)
    {
        Begin(milliseconds);
        Result<UnixAddress> address = UnixAddress.Of(path);
        if (address.Failed)
            return address.Error;
        using var socket = new Descriptor(libc.socket(libc.AF_UNIX, libc.SOCK_STREAM | libc.SOCK_CLOEXEC, 0));
        if (socket.Number < 0)
            return Errno.Last;
        Errno error = UnixConnect.Within(socket.Number, address.Value, milliseconds) && MakeNonBlocking(socket.Number);
        if (error.Failed)
            return error;
        commands = socket.Number;
        answers = socket.Number;
        Span<byte> text = stackalloc byte[Greeting.BufferSize];
        error = Send(greeting.OfClient(0, text)) && TakeEvents() && ReceiveGreeting(greeting);
        if (!error.Failed)
            _ = socket.Release();
        return error;
    }

    /// <summary>Starts a service over three pipes, and shakes hands. It ends when this program does, or closes its ends.</summary>
    /// <param name="program">The service and its arguments. A name without slash is searched in PATH.</param>
    /// <param name="environment">The service and its arguments. A name without slash is searched for in PATH.</param>
    /// <param name="greeting">The client's greeting, with one protocol.</param>
    /// <param name="milliseconds">How long everything over the connection may take from now on; 0: no limit.</param>
    /// <returns>As <see cref="Open"/>; the error of making pipes or a process, or of executing the program.</returns>
    internal Errno Spawn(Words program, EnvironmentBlock environment, Greeting greeting, uint milliseconds)
    {
        Begin(milliseconds);
        Errno error = Pipe(out Descriptor itsCommands, out Descriptor ourCommands);
        using Descriptor commandsOut = itsCommands, commandsIn = ourCommands;
        Errno second = Pipe(out Descriptor ourAnswers, out Descriptor itsAnswers);
        using Descriptor answersOut = ourAnswers, answersIn = itsAnswers;
        Errno third = Pipe(out Descriptor ourEvents, out Descriptor itsEvents);
        using Descriptor eventsOut = ourEvents, eventsIn = itsEvents;
        error = error.Failed ? error : second.Failed ? second : third;
        error = error && Start(program, environment, commandsOut.Number, answersIn.Number, eventsIn.Number);
        // The service has these ends. As long as they were open here too, its end would not show.
        commandsOut.Dispose();
        answersIn.Dispose();
        eventsIn.Dispose();
        error = error && MakeNonBlocking(commandsIn.Number) && MakeNonBlocking(answersOut.Number) && MakeNonBlocking(eventsOut.Number);
        if (error.Failed)
            return error;
        commands = commandsIn.Number;
        answers = answersOut.Number;
        Events = eventsOut.Number;
        Span<byte> text = stackalloc byte[Greeting.BufferSize];
        error = Send(greeting.OfClient(0, text)) && ReceiveGreeting(greeting);
        if (error.Failed)
            return error;
        _ = commandsIn.Release();
        _ = answersOut.Release();
        _ = eventsOut.Release();
        return default;
    }

    /// <summary>Sends a command and waits for the answer, which is valid until the next one.</summary>
    internal Errno Ask(ReadOnlySpan<byte> command, out ReadOnlySpan<byte> answer)
    {
        answer = default;
        return Send(command) && TextConversation.Receive(answers, ref answerReader, limit, out answer);
    }

    /// <summary>Waits for the next event, which is valid until the one after it.</summary>
    internal Errno NextEvent(out ReadOnlySpan<byte> text) => TextConversation.Receive(Events, ref eventReader, limit, out text);

    /// <summary>Whether commands wait until the socket takes them: <see cref="Flush"/>.</summary>
    internal readonly bool HasUnsent => writer.Waiting > 0;

    /// <summary>Queues a command, given in two parts, for <see cref="Flush"/>. ENOMEM; ENOBUFS when 16 MiB wait.</summary>
    internal Errno Add(scoped ReadOnlySpan<byte> command, scoped ReadOnlySpan<byte> more) => writer.Add(command, more);

    /// <summary>Sends what the socket takes without waiting. EPIPE when the service is gone.</summary>
    internal Errno Flush()
    {
        Errno error = writer.Flush(commands);
        return error.Is(libc.EAGAIN) ? default : error;
    }

    /// <summary>Takes the next answer without waiting; it is valid until the one after it.</summary>
    /// <returns>Whether there is one; EPIPE when the service is gone.</returns>
    internal Result<bool> TryTakeAnswer(out ReadOnlySpan<byte> answer) => TryTake(answers, ref answerReader, out answer);

    /// <summary>Takes the next event, likewise.</summary>
    internal Result<bool> TryTakeEvent(out ReadOnlySpan<byte> text) => TryTake(Events, ref eventReader, out text);

    private static Result<bool> TryTake(int descriptor, scoped ref TextMessageReader reader, out ReadOnlySpan<byte> message)
    {
        while (true)
        {
            Result<bool> whole = reader.Next(out message);
            if (whole.Failed || whole.Value)
                return whole;
            Errno error = reader.Receive(descriptor);
            if (error.Is(libc.EAGAIN))
                return false;
            if (error.Failed)
                return error.Is(libc.ECONNRESET) ? new Errno(libc.EPIPE) : error;
        }
    }

    private void Begin(uint milliseconds)
    {
        limit = new TimeLimit(milliseconds);
        writer = new TextMessageWriter(TextMessageFormat.LargestData);
        answerReader = new TextMessageReader(TextMessageFormat.LargestData);
        eventReader = new TextMessageReader(TextMessageFormat.LargestData);
    }

    private static Errno Pipe(out Descriptor reading, out Descriptor writing)
    {
        int* ends = stackalloc int[2];
        bool made = libc.pipe2(ends, LibC.O_CLOEXEC) == 0;
        Errno error = made ? default : Errno.Last;
        reading = new Descriptor(made ? ends[0] : -1);
        writing = new Descriptor(made ? ends[1] : -1);
        return error;
    }

    /// <summary>Starts the service with its ends of the pipes: descriptors 0, 1, and one whose number is in an environment variable.</summary>
    private static Errno Start(Words program, EnvironmentBlock environment, int input, int output, int events)
    {
        Span<byte> number = stackalloc byte[NumberSize];
        environment.Set(SessionStart.EventsVariable, Numbers.Decimal((ulong)events, number));
        if (LibC.fcntl(events, LibC.F_SETFD, 0) < 0)
            return Errno.Last;
        ChildProcess child = default;
        var file = new ProgramFile(ProgramCandidates.Of(program[0], environment));
        return child.Start(file, program.List, environment.List, input, output, out _);
    }

    private Errno Send(scoped ReadOnlySpan<byte> command)
    {
        return writer.Add(command) && TextConversation.Flush(commands, ref writer, limit);
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
        error = error && TextConversation.Receive(answers, ref answerReader, limit, out received);
        return error.Failed || received.SequenceEqual(expected) ? error : new Errno(libc.EPROTO);
    }

    private static Errno MakeNonBlocking(int descriptor)
    {
        int flags = LibC.fcntl(descriptor, LibC.F_GETFL, 0);
        return Errno.Of(flags < 0 ? flags : LibC.fcntl(descriptor, LibC.F_SETFL, flags | LibC.O_NONBLOCK));
    }
}
