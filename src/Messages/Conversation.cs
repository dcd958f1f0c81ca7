using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Messages;

/// <summary>Messages one after the other, for a program that only waits for them.</summary>
internal static class Conversation
{
    /// <summary>Sends the whole message of the writer. ETIMEDOUT, or the error of the socket.</summary>
    internal static Errno Send(int socket, ref MessageWriter writer, in TimeLimit limit)
    {
        while (true)
        {
            Errno error = writer.Flush(socket);
            if (error.Is(libc.EAGAIN))
                error = Readiness.ToWrite(socket, limit);
            if (error.Failed || writer.IsIdle)
                return error;
        }
    }

    /// <summary>Waits for the next message. ETIMEDOUT, or an error of the reader: EPIPE when the other end is closed.</summary>
    internal static Errno Receive(int socket, scoped ref MessageReader reader, scoped in TimeLimit limit, out Message message) =>
        Receive(socket, ref reader, limit, default, out message);

    /// <summary>
    /// The same from a peer that may send descriptors that linger when they are closed: those of an invalid message, and those without room, are
    /// closed while the message is received.
    /// </summary>
    internal static Errno Receive(
        int socket, scoped ref MessageReader reader, scoped in TimeLimit limit, scoped in Interruptions interruptions, out Message message)
    {
        while (true)
        {
            Result<bool> whole = reader.Next(out message);
            if (whole.Failed || whole.Value)
                return whole.Error;
            interruptions.Begin(ForeignDescriptorThread.IntervalNanoseconds);
            Errno error = reader.Receive(socket);
            interruptions.End();
            if (error.Is(libc.EAGAIN))
                error = Readiness.ToRead(socket, limit);
            if (error.Failed)
                return error;
        }
    }
}
