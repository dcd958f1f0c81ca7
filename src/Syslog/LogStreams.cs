using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;
using LocalService.Services;

namespace LocalService.Syslog;

/// <summary>The clients that are connected to stream sockets; each is watched under <see cref="FirstTag"/> and its number.</summary>
internal unsafe struct LogStreams
{
    /// <summary>How many bytes of a client are received at a time.</summary>
    internal const int ChunkSize = 8 * 1024;

    /// <summary>The tag of the first client.</summary>
    internal const uint FirstTag = 64;

    // How many clients are accepted before others have their turn.
    private const int ClientsInTurn = 16;

    private readonly LogStream* streams;
    private readonly int most;
    private readonly int longestMessage;
    private readonly byte* chunk;
    private BackOff warnings;
    private int count;

    private LogStreams(LogStream* streams, int most, int longestMessage)
    {
        this.streams = streams;
        this.most = most;
        this.longestMessage = longestMessage;
        chunk = Arena.Allocate(ChunkSize);
    }

    /// <summary>Makes room for the clients.</summary>
    internal static Errno Open(uint most, int longestMessage, out LogStreams streams)
    {
        var memory = (LogStream*)MappedMemory.Map(most * (nuint)sizeof(LogStream));
        streams = memory == null ? default : new LogStreams(memory, (int)most, longestMessage);
        return memory == null ? new Errno(libc.ENOMEM) : default;
    }

    /// <summary>Accepts waiting clients.</summary>
    /// <returns>
    /// EAGAIN when none is left; EUSERS when there may be no more; the error when the system has run out of something, after a warning; a
    /// listening socket returns no other error.
    /// </returns>
    internal Errno Accept(ref EventLoop loop, int listener, Diagnostics diagnostics)
    {
        for (int i = 0; i < ClientsInTurn; i++)
        {
            if (count == most)
                return new Errno(libc.EUSERS);
            int socket = libc.accept4(listener, null, null, libc.SOCK_CLOEXEC);
            Errno error = Errno.Of(socket);
            if (error.Is(libc.ECONNABORTED) || error.Is(libc.EINTR))
                continue;
            error = error && Add(ref loop, socket);
            if (BackOff.IsExhaustion(error) && !error.Is(libc.EAGAIN) && warnings.MayWarn())
                diagnostics.Warning(error, "unable to accept"u8);
            if (error.Failed)
                return error;
        }
        return default;
    }

    /// <summary>Receives a piece from a client, without waiting, and adds the messages that have ended.</summary>
    /// <returns>Whether the client is gone.</returns>
    internal bool Receive(ref EventLoop loop, int number, ref LogLines lines)
    {
        ref LogStream stream = ref streams[number];
        if ((uint)number >= (uint)most || !stream.IsOpen || stream.IsPaused)
            return false;
        if (!lines.MakeRoom())
        {
            stream.IsPaused = true;
            _ = loop.Change(stream.Descriptor, LogSockets.LeftAlone, FirstTag + (uint)number);
            return false;
        }
        Errno error = Receive(ref stream, ref lines);
        if (!error.Failed || error.Is(libc.EAGAIN))
            return false;
        Close(ref loop, ref stream, ref lines);
        return true;
    }

    /// <summary>Resumes the paused clients.</summary>
    internal readonly void Resume(ref EventLoop loop)
    {
        for (int i = 0; i < most; i++)
        {
            if (streams[i].IsPaused)
                _ = loop.Change(streams[i].Descriptor, libc.EPOLLIN, FirstTag + (uint)i);
            streams[i].IsPaused = false;
        }
    }

    /// <summary>
    /// Receives, as far as there is room, what the clients have sent, and closes them. They can't send any more: a sender learns at once what didn't
    /// arrive (EPIPE).
    /// </summary>
    /// <returns>Whether nothing is left.</returns>
    internal bool ReceiveRest(ref EventLoop loop, ref LogLines lines)
    {
        // None of them is watched while the lines of another one wait for their reader.
        for (int i = 0; i < most; i++)
        {
            if (!streams[i].IsOpen)
                continue;
            loop.Forget(streams[i].Descriptor);
            _ = libc.shutdown(streams[i].Descriptor, libc.SHUT_RD);
        }
        for (int i = 0; i < most; i++)
        {
            ref LogStream stream = ref streams[i];
            if (!stream.IsOpen)
                continue;
            Errno error = default;
            while (lines.MakeRoom() && !error.Failed)
                error = Receive(ref stream, ref lines);
            if (!lines.HasRoom)
                return false;
            Close(ref loop, ref stream, ref lines);
        }
        return true;
    }

    private readonly Errno Receive(ref LogStream stream, ref LogLines lines)
    {
        nint size;
        do
            size = libc.recv(stream.Descriptor, chunk, ChunkSize, libc.MSG_DONTWAIT);
        while (Errno.Interrupted(size));
        if (size <= 0)
            return size == 0 ? new Errno(libc.EPIPE) : Errno.Last;
        lines.Begin();
        var data = new ReadOnlySpan<byte>(chunk, (int)size);
        while (!data.IsEmpty)
        {
            Result<bool> found = stream.Records.Next(ref data, out ReadOnlySpan<byte> record, out bool wasCut);
            if (found.Failed)
                return found.Error;
            // The C library ends a message that ends in a newline with a NUL as well.
            if (found.Value && !record.IsEmpty)
                lines.Add(stream.Sender, record, wasCut);
        }
        return default;
    }

    private Errno Add(ref EventLoop loop, int socket)
    {
        using var connection = new Descriptor(socket);
        int number = 0;
        while (streams[number].IsOpen)
            number++;
        Result<Sender> sender = Sender.OfConnection(socket);
        Errno error = sender.Failed ? sender.Error : loop.Watch(socket, libc.EPOLLIN, FirstTag + (uint)number);
        if (error.Failed)
            return error;
        streams[number] = new LogStream { Descriptor = connection.Release(), Sender = sender.Value, Records = new RecordSplitter(longestMessage), IsOpen = true };
        count++;
        return default;
    }

    /// <summary>Closes a client: a message that it has begun is its last one, if there is room for it.</summary>
    private void Close(ref EventLoop loop, ref LogStream stream, ref LogLines lines)
    {
        if (lines.MakeRoom() && stream.Records.TryTakeRest(out ReadOnlySpan<byte> record, out bool wasCut))
        {
            lines.Begin();
            lines.Add(stream.Sender, record, wasCut);
        }
        loop.Forget(stream.Descriptor);
        stream.Close();
        count--;
    }
}
