using System;
using LocalService.Libc;
using LocalService.Memory;

namespace LocalService.CommandLine;

/// <summary>The line that a client may get before a gate refuses it. It never waits: a client that can't take it gets none.</summary>
internal static unsafe class Farewell
{
    private const int LongestLine = 512;

    /// <summary>Passes a refusal on, with a line for the client. A server sends the line when the refusal is final.</summary>
    /// <param name="invocation">The invocation of the gate.</param>
    /// <param name="text">The line, as a C string; null: none.</param>
    /// <param name="outcome">The outcome of the gate.</param>
    internal static Outcome With(Invocation invocation, byte* text, Outcome outcome)
    {
        if (text == null || outcome.BecomesProgram || outcome.Code is ExitCode.Success or ExitCode.Usage)
            return outcome;
        if (invocation.Messages != null)
            invocation.Messages->Farewell = text;
        else
            Send(libc.STDOUT_FILENO, text);
        return outcome;
    }

    /// <summary>Sends as much of a line as the connection takes at once. A line longer than 511 bytes is cut.</summary>
    internal static void Send(int connection, byte* text)
    {
        byte* line = stackalloc byte[LongestLine];
        ReadOnlySpan<byte> all = Bytes.OfC(text);
        int length = all.Length < LongestLine ? all.Length : LongestLine - 1;
        all[..length].CopyTo(new Span<byte>(line, LongestLine));
        line[length] = (byte)'\n';
        _ = libc.send(connection, line, (nuint)length + 1, libc.MSG_DONTWAIT | libc.MSG_NOSIGNAL);
    }
}
