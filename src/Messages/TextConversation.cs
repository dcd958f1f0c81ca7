using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Messages;

/// <summary>Messages without descriptors one after the other, for a program that only waits for them.</summary>
internal static class TextConversation
{
    /// <summary>Writes all data of the writer. ETIMEDOUT, or the error of the descriptor.</summary>
    internal static Errno Flush(int descriptor, ref TextMessageWriter writer, in TimeLimit limit)
    {
        while (true)
        {
            Errno error = writer.Flush(descriptor);
            if (error.Is(libc.EAGAIN))
                error = Readiness.ToWrite(descriptor, limit);
            if (error.Failed || writer.Waiting == 0)
                return error;
        }
    }

    /// <summary>Waits for the next message. ETIMEDOUT, or an error of the reader: EPIPE at the end.</summary>
    internal static Errno Receive(int descriptor, scoped ref TextMessageReader reader, scoped in TimeLimit limit, out ReadOnlySpan<byte> message)
    {
        while (true)
        {
            Result<bool> whole = reader.Next(out message);
            if (whole.Failed || whole.Value)
                return whole.Error;
            Errno error = reader.Receive(descriptor);
            if (error.Is(libc.EAGAIN))
                error = Readiness.ToRead(descriptor, limit);
            if (error.Failed)
                return error;
        }
    }
}
