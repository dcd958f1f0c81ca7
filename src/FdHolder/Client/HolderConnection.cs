using System;
using System.Runtime.CompilerServices;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Messages;
using LocalService.Posix;

namespace LocalService.FdHolder;

/// <summary>
/// The client's end of a connection to a holder, with one time limit for everything that is done over it. <c>Begin</c> and <c>Add</c> build a
/// request; their errors are reported when it is sent. It lives in the <see cref="Arena"/>, where it doesn't move.
/// </summary>
internal unsafe struct HolderConnection
{
    private int socket;
    private TimeLimit limit;
    private MessageReader reader;
    private MessageWriter writer;
    private Errno error;

    /// <summary>Connects as most clients do, to the one holder that their command line names.</summary>
    /// <returns>The connection, or null: the client has to end with <see cref="ExitCode.System"/>.</returns>
    internal static HolderConnection* Open(scoped in Diagnostics diagnostics, scoped in HolderClientOptions options) =>
        Open(diagnostics, "unable to connect to a fd-holder daemon at "u8, options.Socket, options.Milliseconds);

    /// <summary>Connects, and starts the time limit.</summary>
    /// <param name="diagnostics">For the message when connecting fails.</param>
    /// <param name="unable">The message, up to the path.</param>
    /// <param name="path">The socket of the holder.</param>
    /// <param name="milliseconds">How long everything may take; 0: no limit.</param>
    /// <returns>The connection, or null: the client has to end with <see cref="ExitCode.System"/>.</returns>
    internal static HolderConnection* Open(scoped in Diagnostics diagnostics, ReadOnlySpan<byte> unable, ReadOnlySpan<byte> path, uint milliseconds)
    {
        var connection = (HolderConnection*)Arena.Allocate((nuint)sizeof(HolderConnection));
        connection->limit = new TimeLimit(milliseconds);
        connection->reader = new MessageReader(MessageFormat.LargestData, MessageFormat.MostDescriptors);
        Errno error = connection->Connect(path, milliseconds);
        if (!error.Failed)
            return connection;
        _ = diagnostics.Fatal(error, unable, path);
        return null;
    }

    /// <summary>Closes the connection, and descriptors that were received and not taken.</summary>
    /// <param name="result">The result of the exchange.</param>
    /// <param name="diagnostics">For the message when it failed.</param>
    /// <param name="unable">The message.</param>
    /// <param name="more">The end of the message.</param>
    /// <returns>The exit code: success, or that of a client that the holder refused, or whose connection broke or took too long.</returns>
    internal int Close(Errno result, scoped in Diagnostics diagnostics, ReadOnlySpan<byte> unable, ReadOnlySpan<byte> more = default)
    {
        reader.Free();
        writer.Free();
        _ = libc.close(socket);
        if (!result.Failed)
            return ExitCode.Success;
        _ = diagnostics.Fatal(result, unable, more);
        return ExitCode.Refused;
    }

    /// <summary>Begins a request.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal void Begin(RequestKind kind)
    {
        error = writer.Begin();
        Add((byte)kind);
    }

    internal void Add(scoped ReadOnlySpan<byte> data)
    {
        error = error && writer.Add(data);
    }

    internal void Add(byte data) => Add(new ReadOnlySpan<byte>(in data));

    internal void AddNumber(uint number)
    {
        error = error && writer.AddNumber(number);
    }

    /// <summary>Adds a name. ENAMETOOLONG when it has more than 255 bytes.</summary>
    internal void AddName(ReadOnlySpan<byte> name)
    {
        if (name.Length > HeldName.Longest)
        {
            error = new Errno(libc.ENAMETOOLONG);
            return;
        }
        Span<byte> written = stackalloc byte[HeldEntry.LargestSize];
        HeldName.Write(name, written);
        Add(written[..HeldName.SizeOf(name)]);
    }

    /// <summary>
    /// Adds a descriptor, which the caller keeps. EBADF when it isn't open; a number that the user gives may have become our own socket.
    /// </summary>
    internal void AddDescriptor(int descriptor)
    {
        if (!error.Failed)
            error = descriptor == socket || !UserDescriptor.IsOpen(descriptor) ? new Errno(libc.EBADF) : writer.AddDescriptor(descriptor);
    }

    /// <summary>Sends the request and waits for a successful answer: its first byte is 0.</summary>
    /// <returns>The error that the holder answered, EPROTO for an invalid answer, an error of the connection, or ETIMEDOUT.</returns>
    internal Errno Ask(out Message answer)
    {
        answer = default;
        error = error && writer.End() && Conversation.Send(socket, ref writer, limit) && Receive(out answer);
        if (error.Failed)
            return error;
        bool isError = answer.Data.Length == 1 && answer.Data[0] != 0 && answer.DescriptorCount == 0;
        if (isError)
            return new Errno(answer.Data[0]);
        return answer.Data.IsEmpty || answer.Data[0] != 0 ? new Errno(libc.EPROTO) : default;
    }

    /// <summary>The same for a request whose answer has a known size.</summary>
    internal Errno Ask(int answerSize, int answerDescriptors, out Message answer)
    {
        Errno answered = Ask(out answer);
        bool fits = answer.Data.Length == answerSize && answer.DescriptorCount == answerDescriptors;
        return answered.Failed || fits ? answered : new Errno(libc.EPROTO);
    }

    /// <summary>Waits for a further message.</summary>
    internal Errno Receive(out Message message) => Conversation.Receive(socket, ref reader, limit, out message);

    private Errno Connect(ReadOnlySpan<byte> path, uint milliseconds)
    {
        Result<UnixAddress> address = UnixAddress.Of(path);
        if (address.Failed)
            return address.Error;
        socket = libc.socket(libc.AF_UNIX, libc.SOCK_STREAM | libc.SOCK_CLOEXEC, 0);
        if (socket < 0)
            return Errno.Last;
        Errno connected = UnixConnect.Within(socket, address.Value, milliseconds);
        if (connected.Failed)
            _ = libc.close(socket);
        return connected;
    }
}
