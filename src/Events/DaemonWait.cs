using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Services;

namespace LocalService.Events;

/// <summary>
/// A wait for a match by way of a daemon instead of in the program itself: a subscription, and its first event. Specification "ftrig", section 4.
/// </summary>
internal static unsafe class DaemonWait
{
    private const uint Id = 0;

    /// <summary>Subscribes and waits.</summary>
    /// <param name="connection">The daemon, which speaks the dialect.</param>
    /// <param name="dialect">The dialect.</param>
    /// <param name="directory">The fifodir.</param>
    /// <param name="expression">What its events have to match.</param>
    /// <param name="text">The text of the event, valid until the next one.</param>
    /// <returns>The error that the daemon reports; EPROTO when the daemon breaks the protocol; ETIMEDOUT; EPIPE when it ends.</returns>
    internal static Errno ForMatch(
        ref Connection connection, Dialect dialect, ReadOnlySpan<byte> directory, ReadOnlySpan<byte> expression, out ReadOnlySpan<byte> text)
    {
        text = default;
        int size = ByteDialectCommand.SizeOfSubscribe + TextDialectCommand.SizeOfSubscribe + directory.Length + expression.Length;
        var buffer = new Span<byte>(Arena.Allocate((nuint)size), size);
        ReadOnlySpan<byte> command = dialect == Dialect.Byte
            ? ByteDialectCommand.WriteSubscribe(Id, directory, expression, buffer)
            : TextDialectCommand.WriteSubscribe(Id, directory, expression, buffer);
        Errno error = connection.Ask(command, out ReadOnlySpan<byte> answer);
        if (error.Failed)
            return error;
        if (answer.Length != (dialect == Dialect.Byte ? 1 : sizeof(uint)))
            return new Errno(libc.EPROTO);
        error = new Errno((int)BigEndian.Read(answer));
        if (error.Failed)
            return error;
        error = connection.NextEvent(out ReadOnlySpan<byte> told);
        if (error.Failed)
            return error;
        return dialect == Dialect.Byte ? ByteDialectCommand.ReadEvent(told, Id, out text) : TextDialectCommand.ReadEvent(told, Id, out text);
    }
}
