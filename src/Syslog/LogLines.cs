using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Posix;

namespace LocalService.Syslog;

/// <summary>Turns messages into lines: one format, one limit, one output for all senders.</summary>
/// <param name="format">The format of the lines.</param>
/// <param name="linesPerSecond">The most lines of a user in a second; 0 for no limit.</param>
internal unsafe struct LogLines(LineFormat format, uint linesPerSecond)
{
    // The most bytes that a chunk of a stream becomes: each message has at least a byte and its end, and one may have begun before.
    private readonly int roomForChunk =
        LogStreams.ChunkSize / 2 * LineFormat.LongestRest + (LogStreams.ChunkSize + format.LongestMessage) * LineWriter.LongestQuotedByte;

    private readonly int roomForBatch = DatagramBatch.CapacityFor(format.LongestMessage) * format.LongestLine;

    private LogOutput output;
    private RateLimit rate = new(linesPerSecond);
    private Stamp stamp;
    private Moment now;

    /// <summary>The descriptor that the lines are written to.</summary>
    internal readonly int Descriptor => output.Number;

    /// <summary>Whether all lines were written.</summary>
    internal readonly bool AreWritten => output.IsEmpty;

    /// <summary>Whether lines were refused and not reported yet.</summary>
    internal readonly bool HasExcess => rate.HasExcess;

    /// <summary>Whether there is room for the most that can come at once: a batch of datagrams, or a chunk of a stream.</summary>
    internal readonly bool HasRoom => output.HasRoom(LargestPiece);

    private readonly int LargestPiece => roomForChunk > roomForBatch ? roomForChunk : roomForBatch;

    /// <summary>Takes standard output.</summary>
    internal Errno Open() => LogOutput.Open(LargestPiece, out output);

    /// <summary>Notes the time of arrival of the messages that follow.</summary>
    internal void Begin()
    {
        stamp.Take(format.Stamps);
        if (rate.Exists)
            now = Moment.Now;
    }

    /// <summary>Adds the line of a message, unless its sender is over the limit. There has to be room for it.</summary>
    /// <param name="sender">The sender of the message.</param>
    /// <param name="message">The message, with or without newlines and NULs at its end.</param>
    /// <param name="isCut">Whether there was more of it.</param>
    internal void Add(in Sender sender, ReadOnlySpan<byte> message, bool isCut)
    {
        if (rate.Exists && sender.IsLocal && !rate.TryCount(now, sender.UserId))
            return;
        while (!message.IsEmpty && message[^1] is 0 or (byte)'\n')
            message = message[..^1];
        if (message.Length > format.LongestMessage)
        {
            message = message[..format.LongestMessage];
            isCut = true;
        }
        fixed (Stamp* arrival = &stamp)
            output.Add(format.Write(output.Room(format.LongestLine), Stamp.TextOf(arrival), sender, message, isCut));
    }

    /// <summary>Writes what can be written at once. EAGAIN when something is left.</summary>
    internal Errno Write() => output.Write();

    /// <summary>Whether there is room, perhaps after writing something.</summary>
    internal bool MakeRoom()
    {
        if (!HasRoom)
            _ = output.Write(); // an error shows when the rest is written
        return HasRoom;
    }

    /// <summary>Reports for each user how many lines were refused.</summary>
    internal void ReportExcess(Diagnostics diagnostics)
    {
        if (rate.HasExcess)
            rate.Report(Moment.Now, diagnostics);
    }
}
