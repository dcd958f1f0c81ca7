using LocalService.Errors;
using LocalService.Libc;
using LocalService.Messages;
using LocalService.Posix;
using LocalService.Services;

namespace LocalService.FdHolder;

/// <summary>
/// A client of the holder. While it hasn't read the answers to its requests, further requests to store and to delete are handled all the same, until
/// more than <see cref="MessageWriter.MostWaiting"/> waits; any other request waits for the answers before it. It must not move in memory.
/// </summary>
internal struct HolderSession
{
    // Descriptors wait for the rest of their message at most this long, whatever the limit of the client is: they may be the other end of its own
    // connection, whose end doesn't show while the holder has them.
    private const uint MostMillisecondsForRest = 10_000;

    // A buffer that one message has made larger than this is freed after the message; smaller ones are kept for the next client.
    private const int UsualMessage = 16 * 1024;

    private int socket;
    private MessageReader reader;
    private bool isPrepared;
    private bool isReaderLarge;
    private bool isWriterLarge;
    private TimeLimit limit;
    private bool isClockRunning;
    private TimeLimit restLimit;
    private bool isRestLimited;
    private bool hasEnded;

    /// <summary>The events that are awaited for it.</summary>
    internal ClientWatch Watch;

    /// <summary>Its credentials.</summary>
    internal PeerCredentials Credentials;

    /// <summary>Its rights.</summary>
    internal Rights Rights;

    /// <summary>Its answer.</summary>
    internal MessageWriter Writer;

    /// <summary>The rest of its answer when that is a dump.</summary>
    internal OutgoingDump Dump;

    /// <summary>How many entries of a dump it has announced and not sent yet; not 0 while it may send nothing else.</summary>
    internal uint AnnouncedEntries;

    /// <summary>The entry that its answer carries, or <see cref="HeldTable.None"/>.</summary>
    internal int RetrievedEntry;

    /// <summary>Whether the request for that entry has deleted it.</summary>
    internal bool HasDeletedEntry;

    /// <summary>Whether there is a client at all.</summary>
    internal readonly bool IsConnected => socket > 0;

    internal readonly int Socket => socket;

    /// <summary>Whether an answer is on its way.</summary>
    internal readonly bool IsBeingAnswered => !Writer.IsIdle || Dump.IsActive;

    /// <summary>Whether a short answer can be queued behind those that wait.</summary>
    private readonly bool QueuesAnswers =>
        Writer.HasRoomBehind && !Dump.IsActive && RetrievedEntry == HeldTable.None && AnnouncedEntries == 0;

    /// <summary>Whether its next request can be handled now, if it has arrived.</summary>
    internal readonly bool MayProceed =>
        !IsBeingAnswered || (QueuesAnswers && reader.PeekFirst() is -1 or (int)RequestKind.Store or (int)RequestKind.Replace or (int)RequestKind.Delete);

    /// <summary>
    /// Whether more is read from it: not while a received request has to wait, and not at end of file while it may still read answers.
    /// </summary>
    internal readonly bool Reads => !IsBeingAnswered || (QueuesAnswers && !hasEnded && reader.PeekFirst() < 0);

    /// <summary>How many received descriptors belong to messages that were not handled.</summary>
    internal readonly int WaitingDescriptors => reader.WaitingDescriptors;

    /// <summary>The number of the last one of them, or -1.</summary>
    internal readonly int LastDescriptor => reader.LastDescriptor;

    /// <summary>The time left until the client exceeds its time limit, in milliseconds; -1: no limit.</summary>
    internal readonly int MillisecondsLeft =>
        TimeLimit.Sooner(isClockRunning ? limit.Left : -1, isRestLimited ? restLimit.Left : -1);

    internal readonly bool IsOverdue => (isClockRunning && limit.IsOver) || (isRestLimited && restLimit.IsOver);

    /// <summary>Starts the session of a new client, whose <see cref="Rights"/> are known already.</summary>
    internal void Connect(int connection, uint milliseconds)
    {
        if (!isPrepared)
            reader = new MessageReader(Request.LargestSize, MessageFormat.MostDescriptors);
        isPrepared = true;
        socket = connection;
        hasEnded = false;
        AnnouncedEntries = 0;
        RetrievedEntry = HeldTable.None;
        limit = new TimeLimit(milliseconds);
        isClockRunning = true;
    }

    /// <summary>Receives data. Errors are those of <see cref="MessageReader.Receive"/>.</summary>
    internal Errno Receive()
    {
        Errno error = reader.Receive(socket);
        hasEnded |= error.Is(libc.EPIPE);
        return error;
    }

    /// <summary>The next complete request.</summary>
    internal Result<bool> Next(out Message message)
    {
        Result<bool> next = reader.Next(out message);
        isReaderLarge |= message.Data.Length > UsualMessage;
        return next;
    }

    /// <summary>
    /// Notes that all complete requests were handled. When a part of a message is left, its time limit runs from its first byte on.
    /// </summary>
    internal void AwaitRest()
    {
        if (reader.IsInMessage && !isClockRunning)
        {
            limit.Restart();
            isClockRunning = true;
        }
        bool waits = reader.WaitingDescriptors > 0;
        if (waits && !isRestLimited)
            restLimit = new TimeLimit(MostMillisecondsForRest);
        isRestLimited = waits;
    }

    /// <summary>Begins an answer.</summary>
    /// <param name="isLarge">Whether it may be larger than most.</param>
    internal void BeginAnswer(bool isLarge)
    {
        isWriterLarge |= isLarge;
        isRestLimited = false;
        // While answers wait, the time limit of the first one runs.
        if (IsBeingAnswered)
            return;
        isClockRunning = true;
        limit.Restart();
    }

    /// <summary>Notes that the answer was sent.</summary>
    internal void EndAnswer()
    {
        isClockRunning = false;
        if (isWriterLarge)
            Writer.Free();
        isWriterLarge = false;
    }

    /// <summary>Closes the connection. The entries that the client refers to were released before.</summary>
    internal void Disconnect()
    {
        // At the end of the stream everything was read. Otherwise there may be unread messages, with descriptors.
        if (hasEnded)
            _ = libc.close(socket);
        else
            ForeignDescriptors.CloseAtOnce(socket);
        socket = 0;
        EndAnswer();
        Writer.Reset();
        if (isReaderLarge)
            reader.Free();
        else
            reader.Reset();
        isReaderLarge = false;
        isRestLimited = false;
    }
}
