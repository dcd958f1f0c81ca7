using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Messages;
using LocalService.Posix;

namespace LocalService.Services;

/// <summary>
/// A client, as the server sees it: its commands on descriptor 0, the answers to them on 1, in their order, and events on a third channel.
/// Specification "fd-passing", section 4.
/// </summary>
internal struct Session
{
    // Limits for a client that doesn't read: with more events waiting it loses its session, with more answers waiting no more commands are read.
    private const int MostEvents = 1024 * 1024;
    private const int ManyAnswers = 64 * 1024;
    private const int MostAnswers = ManyAnswers + 4096;

    /// <summary>Its commands.</summary>
    internal TextMessageReader Commands;

    /// <summary>The answers that wait.</summary>
    internal TextMessageWriter Answers;

    /// <summary>The events that wait.</summary>
    internal TextMessageWriter Posted;

    /// <summary>The descriptor of the third channel.</summary>
    internal int Events;

    /// <summary>Which of the protocols of the service is spoken, from 0.</summary>
    internal int Dialect;

    /// <summary>A session that has yet to begin.</summary>
    internal static Session New => new()
    {
        Commands = new TextMessageReader(TextMessageFormat.LargestData),
        Answers = new TextMessageWriter(MostAnswers),
        Posted = new TextMessageWriter(MostEvents),
    };

    /// <summary>Whether the client has to read answers before another command is carried out.</summary>
    internal readonly bool HoldsBack => Answers.Waiting >= ManyAnswers;

    /// <summary>Why an event or an answer could not be kept: ENOBUFS, ENOMEM. The session can't go on.</summary>
    internal Errno Failure { get; private set; }

    /// <summary>Answers a command, with at most 4 KiB.</summary>
    internal void Answer(scoped ReadOnlySpan<byte> answer) => Note(Answers.Add(answer));

    /// <summary>Answers a command with a byte: 0 or the number of an error.</summary>
    internal void AnswerByte(Errno error)
    {
        byte answer = (byte)error.Number;
        Answer(new ReadOnlySpan<byte>(in answer));
    }

    /// <summary>Answers a command with 32 bits: 0 or the number of an error.</summary>
    internal void AnswerNumber(Errno error)
    {
        Span<byte> answer = stackalloc byte[sizeof(uint)];
        BigEndian.Write(answer, (uint)error.Number);
        Answer(answer);
    }

    /// <summary>Sends an event, given in up to two parts, or keeps it until the client reads.</summary>
    internal void Post(scoped ReadOnlySpan<byte> data, scoped ReadOnlySpan<byte> more = default) => Note(Posted.Add(data, more));

    private void Note(Errno error)
    {
        if (!Failure.Failed)
            Failure = error;
    }
}
