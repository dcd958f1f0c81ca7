using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Dns.Resolving;

/// <summary>A connection to a server, which serves many questions.</summary>
internal unsafe struct TcpConnection
{
    /// <summary>The socket, or 0 when this is no connection.</summary>
    internal int Socket;
    internal uint Serial;
    internal SocketAddress Server;
    internal bool IsConnected;

    /// <summary>Whether a whole answer has come over it.</summary>
    internal bool HasWorked;

    /// <summary>Whether a question got no answer in time: the connection takes no more questions, and is closed when it has none left.</summary>
    internal bool IsDoubtful;

    /// <summary>Whether it has failed or ended: what it has received still counts, then its questions move elsewhere.</summary>
    internal bool IsBroken;

    /// <summary>Whether epoll(7) waits for room to write.</summary>
    internal bool AwaitsRoom;

    internal ByteBuffer Output;
    internal ByteBuffer Input;
    internal int Consumed; // of the input

    /// <summary>The first question that waits for its answer, or -1.</summary>
    internal int FirstQuestion;
    internal int Questions;
}

/// <summary>
/// The connections to servers (RFC 7766): at most two to each, kept for a while when idle. Splits the received data into messages; the caller finds
/// their questions. Specification "dns", B13.
/// </summary>
internal unsafe struct TcpConnections
{
    /// <summary>The most connections.</summary>
    internal const int Most = 32;

    /// <summary>How long an idle connection is kept, in milliseconds.</summary>
    internal const long IdleMilliseconds = 5000;

    private const int MostToServer = 2;
    private const int ManyQuestions = 64; // from here on a second connection is worth it
    private const int PieceSize = 16 * 1024;
    private const int LengthSize = 2;

    private TcpConnection* connections;

    internal readonly TcpConnection* At(int number)
    {
        if ((uint)number >= Most)
            Abandon.InternalInconsistency();
        return &connections[number];
    }

    /// <summary>A connection to a server that can take another question, or -1.</summary>
    internal readonly int Find(SocketAddress server)
    {
        int best = -1;
        int count = 0;
        for (int i = 0; i < Most && connections != null; i++)
        {
            if (connections[i].Socket == 0 || !connections[i].Server.Equals(server))
                continue;
            count++;
            if (!connections[i].IsDoubtful && !connections[i].IsBroken && (best < 0 || connections[i].Questions < connections[best].Questions))
                best = i;
        }
        return best >= 0 && connections[best].Questions >= ManyQuestions && count < MostToServer ? -1 : best;
    }

    /// <summary>Begins to connect to a server.</summary>
    /// <returns>The number of the connection; ENOBUFS when there are too many, ENOMEM, the errors of socket(2) and connect(2).</returns>
    internal Result<int> Open(SocketAddress server)
    {
        if (connections == null)
            connections = (TcpConnection*)MappedMemory.Map((nuint)(Most * sizeof(TcpConnection)));
        if (connections == null)
            return new Errno(libc.ENOMEM);
        int number = 0;
        while (number < Most && connections[number].Socket != 0)
            number++;
        if (number == Most)
            return new Errno(libc.ENOBUFS);
        using var socket = new Descriptor(
            libc.socket(server.Family, libc.SOCK_STREAM | libc.SOCK_CLOEXEC | libc.SOCK_NONBLOCK, 0));
        if (socket.Number < 0)
            return Errno.Last;
        Errno error = server.Connect(socket.Number);
        if (error.Failed && !error.Is(libc.EINPROGRESS))
            return error;
        uint serial = connections[number].Serial + 1;
        connections[number] = new TcpConnection
        {
            Socket = socket.Release(),
            Serial = serial,
            Server = server,
            IsConnected = !error.Failed,
            FirstQuestion = QuestionPool.None,
        };
        return number;
    }

    /// <summary>Closes a connection that has no questions.</summary>
    internal readonly void Close(int number)
    {
        TcpConnection* connection = At(number);
        _ = libc.close(connection->Socket);
        connection->Socket = 0;
        connection->Output.Free();
        connection->Input.Free();
    }

    /// <summary>Closes all connections and frees the memory.</summary>
    internal void Free()
    {
        for (int i = 0; i < Most && connections != null; i++)
        {
            if (connections[i].Socket != 0)
                Close(i);
        }
        if (connections != null)
            MappedMemory.Unmap(connections, (nuint)(Most * sizeof(TcpConnection)));
        connections = null;
    }

    /// <summary>Queues a message for sending.</summary>
    internal readonly Errno Append(int number, ReadOnlySpan<byte> message)
    {
        TcpConnection* connection = At(number);
        Span<byte> length = stackalloc byte[LengthSize];
        BigEndian.Write(length, (ulong)message.Length);
        int before = connection->Output.Length;
        Errno error = connection->Output.Add(length) && connection->Output.Add(message);
        if (error.Failed)
            connection->Output.Truncate(before);
        return error;
    }

    /// <summary>Handles what epoll(7) reported.</summary>
    /// <returns>An error when the connection can't be used any more, EPIPE at its end.</returns>
    internal readonly Errno Advance(int number)
    {
        TcpConnection* connection = At(number);
        if (!connection->IsConnected)
        {
            int code;
            uint size = sizeof(int);
            if (libc.getsockopt(connection->Socket, libc.SOL_SOCKET, libc.SO_ERROR, &code, &size) < 0)
                return Errno.Last;
            if (code != 0)
                return new Errno(code);
            connection->IsConnected = true;
        }
        return Flush(number) && Fill(connection);
    }

    /// <summary>Sends as much as possible.</summary>
    internal readonly Errno Flush(int number)
    {
        TcpConnection* connection = At(number);
        while (connection->IsConnected && connection->Output.Length > 0)
        {
            Span<byte> rest = connection->Output.Content;
            nint sent = libc.send(connection->Socket, connection->Output.Pointer, (nuint)rest.Length, libc.MSG_NOSIGNAL);
            if (Errno.Interrupted(sent))
                continue;
            if (sent < 0)
                return libc.errno == libc.EAGAIN ? default : Errno.Last;
            rest[(int)sent..].CopyTo(rest);
            connection->Output.Truncate(rest.Length - (int)sent);
        }
        return default;
    }

    /// <summary>The next whole message that has come. It is valid until the next call.</summary>
    /// <returns>Whether there is one; EPROTO for a length that no message has.</returns>
    internal readonly Result<bool> Next(int number, out Span<byte> message)
    {
        TcpConnection* connection = At(number);
        Span<byte> rest = connection->Input.Content[connection->Consumed..];
        message = default;
        if (rest.Length >= LengthSize)
        {
            int length = (int)BigEndian.Read(rest[..LengthSize]);
            if (length < Packets.PacketHeader.Size)
                return new Errno(libc.EPROTO);
            if (rest.Length >= LengthSize + length)
            {
                message = rest.Slice(LengthSize, length);
                connection->Consumed += LengthSize + length;
                return true;
            }
        }
        rest.CopyTo(connection->Input.Content);
        connection->Input.Truncate(rest.Length);
        connection->Consumed = 0;
        return false;
    }

    private static Errno Fill(TcpConnection* connection)
    {
        int kept = connection->Input.Length;
        Errno error = connection->Input.Extend(PieceSize);
        if (error.Failed)
            return error;
        nint size = libc.recv(connection->Socket, connection->Input.Pointer + kept, PieceSize, libc.MSG_DONTWAIT);
        error = Errno.Of(size);
        connection->Input.Truncate(kept + (size > 0 ? (int)size : 0));
        if (error.Number is libc.EAGAIN or libc.EINTR)
            return default;
        return size == 0 ? new Errno(libc.EPIPE) : error;
    }
}
