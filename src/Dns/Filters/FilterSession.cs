using System;
using LocalService.Dns.Packets;
using LocalService.Dns.Resolving;
using LocalService.Dns.Session;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;
using LocalService.Services;

namespace LocalService.Dns.Filters;

/// <summary>
/// A filter's session with a skadnsd behind a socket: many queries at a time, without waiting for any. The filter goes on until <see cref="Error"/>
/// is set. It may not move in memory. Specification "dns", section 1.2.
/// </summary>
internal unsafe struct FilterSession
{
    private const uint HelloMilliseconds = 5000;

    // A question takes 20 seconds at most, or as long as its limit allows. A busy daemon may handle questions one after the other.
    private const long MostSilence = 3 * Question.MostMilliseconds;
    private const long Grace = Question.MostMilliseconds / 2;

    private const int IdSize = 2;
    private const int HeadSize = IdSize + 1 + 2 + TaiDate.PackedSize;

    private Connection connection;
    private ushort* unanswered; // the ids of the queries that wait for an answer, a ring
    private int capacity;
    private int first;
    private int unansweredCount;
    private bool hasTakenAnswers; // all that had arrived
    private bool hasHeard; // something since the last call of MillisecondsLeft
    private long silentSince; // Clock.Milliseconds
    private long silence; // the longest that the daemon may stay silent while queries are pending, in milliseconds

    /// <summary>How many queries have no event yet.</summary>
    internal int Pending { get; private set; }

    /// <summary>
    /// What ended the session: EPIPE when the daemon is gone, ETIMEDOUT when it is silent, EPROTO when it breaks the protocol, ENOMEM.
    /// </summary>
    internal Errno Error { get; private set; }

    /// <summary>Whether there is room for another query.</summary>
    internal readonly bool HasRoom => Pending < capacity && unansweredCount < capacity;

    /// <summary>Connects, and shakes hands.</summary>
    /// <param name="path">The socket.</param>
    /// <param name="most">How many queries may be pending.</param>
    /// <param name="milliseconds">How long each of them may take; 0: no limit but the daemon's.</param>
    internal Errno Open(ReadOnlySpan<byte> path, int most, uint milliseconds)
    {
        capacity = most;
        silence = milliseconds == 0 || milliseconds + Grace > MostSilence ? MostSilence : milliseconds + Grace;
        unanswered = (ushort*)MappedMemory.Map((nuint)most * sizeof(ushort));
        if (unanswered == null)
            return new Errno(libc.ENOMEM);
        Errno error = connection.Open(path, new Greeting(Skadnsd.Protocol), HelloMilliseconds);
        // A gate that refuses closes the connection, whether it has read something or not.
        return error.Is(libc.ECONNRESET) ? new Errno(libc.EPIPE) : error;
    }

    /// <summary>Asks a question. Sets <see cref="Error"/> on failure.</summary>
    /// <param name="name">The name in wire form.</param>
    /// <param name="type">The type of record.</param>
    /// <param name="milliseconds">How long it may take; 0: no limit but the daemon's.</param>
    /// <param name="id">The number that its end is reported with; no pending query may have it.</param>
    internal void Ask(ReadOnlySpan<byte> name, ushort type, uint milliseconds, ushort id)
    {
        Span<byte> head = stackalloc byte[HeadSize];
        BigEndian.Write(head[..IdSize], id);
        head[IdSize] = (byte)'Q';
        BigEndian.Write(head.Slice(IdSize + 1, 2), type);
        head[(IdSize + 3)..].Clear();
        if (milliseconds > 0)
            TaiDate.Now.PlusMilliseconds(milliseconds).Pack(head[(IdSize + 3)..]);
        Note(connection.Add(head, name));
        hasHeard |= Pending == 0;
        unanswered[(first + unansweredCount) % capacity] = id;
        unansweredCount++;
        Pending++;
    }

    /// <summary>Sends the queries, as far as the daemon takes them.</summary>
    internal void Flush()
    {
        if (!Error.Failed && connection.HasUnsent)
            Note(connection.Flush());
    }

    /// <summary>Takes the next query that has ended. Its packet is valid until the next call.</summary>
    /// <returns>False when nothing more has come.</returns>
    internal bool Next(out Completion completion)
    {
        completion = default;
        if (TakeAnswers(out completion))
            return true;
        // Events that the daemon sent before it was gone count.
        Result<bool> taken = connection.TryTakeEvent(out ReadOnlySpan<byte> text);
        bool isEvent = text.Length > IdSize && Pending > 0;
        if (taken.Failed || (taken.Value && !isEvent))
            Note(taken.Failed ? taken.Error : new Errno(libc.EPROTO));
        hasTakenAnswers = taken.Failed || taken.Value;
        if (taken.Failed || !taken.Value || !isEvent)
            return false;
        hasHeard = true;
        Pending--;
        completion = new Completion(BigEndian.Read(text[..IdSize]), new Errno(text[IdSize]), text[(IdSize + 1)..]);
        return true;
    }

    /// <summary>What to wait for with poll(2): its events, and its socket.</summary>
    internal readonly void Watch(pollfd* events, pollfd* socket)
    {
        *events = new pollfd { fd = connection.Events, events = LibC.POLLIN };
        *socket = new pollfd { fd = connection.Socket, events = connection.HasUnsent ? (short)(LibC.POLLIN + LibC.POLLOUT) : LibC.POLLIN };
    }

    /// <summary>How long the daemon may still stay silent, for poll(2): -1 when no query is pending.</summary>
    internal int MillisecondsLeft()
    {
        if (Pending == 0)
            return -1;
        long now = Clock.Milliseconds;
        if (hasHeard)
            silentSince = now;
        hasHeard = false;
        return now - silentSince < silence ? (int)(silence - (now - silentSince)) : 0;
    }

    /// <summary>Notes why the session can't go on. The first reason counts.</summary>
    internal void Note(Errno error)
    {
        if (!Error.Failed)
            Error = error;
    }

    /// <summary>Takes the answers that have come, up to one that refuses a query: such an answer ends the query.</summary>
    private bool TakeAnswers(out Completion completion)
    {
        completion = default;
        while (!hasTakenAnswers)
        {
            Result<bool> taken = connection.TryTakeAnswer(out ReadOnlySpan<byte> answer);
            bool isAnswer = answer.Length == 1 && unansweredCount > 0;
            if (taken.Failed || (taken.Value && !isAnswer))
                Note(taken.Failed ? taken.Error : new Errno(libc.EPROTO));
            hasTakenAnswers = taken.Failed || !taken.Value || !isAnswer;
            if (hasTakenAnswers)
                break;
            ushort id = unanswered[first];
            first = (first + 1) % capacity;
            unansweredCount--;
            hasHeard = true;
            if (answer[0] == 0)
                continue;
            Pending--;
            completion = new Completion(id, new Errno(answer[0]), default);
            return true;
        }
        return false;
    }
}
