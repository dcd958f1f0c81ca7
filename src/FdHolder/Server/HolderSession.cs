using LocalService.Errors;
using LocalService.Libc;
using LocalService.Messages;
using LocalService.Posix;
using LocalService.Services;

namespace LocalService.FdHolder;

/// <summary>
/// A client of the holder. While answers to its requests wait to be read by it, further requests to store and to delete are handled all the
/// same, until what waits is more than <see cref="MessageWriter.MostWaiting"/>; any other request waits for the answers before it. It may not
/// move in memory.
/// </summary>
internal struct HolderSession
{
    // Descriptors wait for the rest of their message only so long, whatever the limit of the client is: they may be the other end of its own
    // connection, whose end doesn't show while they are here.
    private const uint MostMillisecondsForRest = 10_000;

    // A buffer that one message has made larger than this is given back after it; smaller ones are kept for the next client.
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

    /// <summary>What is waited for on its behalf.</summary>
    internal ClientWatch Watch;

    /// <summary>Who it is.</summary>
    internal PeerCredentials Credentials;

    /// <summary>What it may do.</summary>
    internal Rights Rights;

    /// <summary>Its answer.</summary>
    internal MessageWriter Writer;

    /// <summary>The rest of its answer when that is a dump.</summary>
    internal OutgoingDump Dump;

    /// <summary>How many entries of a dump it has announced and not sent yet; not 0 while it may send nothing else.</summary>
    internal uint AnnouncedEntries;

    /// <summary>The entry that its answer carries, or <see cref="HeldTable.None"/>.</summary>
    internal int RetrievedEntry;

    /// <summary>Whether there is a client at all.</summary>
    internal readonly bool IsConnected => socket > 0;

    internal readonly int Socket => socket;

    /// <summary>Whether an answer is on its way.</summary>
    internal readonly bool IsBeingAnswered => !Writer.IsIdle || Dump.IsActive;

    /// <summary>Whether a short answer can be put behind those that wait.</summary>
    private readonly bool QueuesAnswers =>
        Writer.HasRoomBehind && !Dump.IsActive && RetrievedEntry == HeldTable.None && AnnouncedEntries == 0;

    /// <summary>Whether its next request can be handled now, if it is here.</summary>
    internal readonly bool MayProceed =>
        !IsBeingAnswered || (QueuesAnswers && reader.PeekFirst() is -1 or (int)RequestKind.Store or (int)RequestKind.Replace or (int)RequestKind.Delete);

    /// <summary>
    /// Whether more is read from it: not while a request is here that has to wait, and not at its end while it may still read answers.
    /// </summary>
    internal readonly bool Reads => !IsBeingAnswered || (QueuesAnswers && !hasEnded && reader.PeekFirst() < 0);

    /// <summary>How many descriptors are here that belong to messages which were not handled.</summary>
    internal readonly int WaitingDescriptors => reader.WaitingDescriptors;

    /// <summary>The number of the last one of them, or -1.</summary>
    internal readonly int LastDescriptor => reader.LastDescriptor;

    /// <summary>How long may be waited for the client to keep its time limit, in milliseconds; -1: without limit.</summary>
    internal readonly int MillisecondsLeft =>
        TimeLimit.Sooner(isClockRunning ? limit.Left : -1, isRestLimited ? restLimit.Left : -1);

    internal readonly bool IsOverdue => (isClockRunning && limit.IsOver) || (isRestLimited && restLimit.IsOver);

    /// <summary>A new client, whose <see cref="Rights"/> are known already.</summary>
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

    /// <summary>Takes what has come. Errors are those of <see cref="MessageReader.Receive"/>.</summary>
    internal Errno Receive()
    {
        Errno error = reader.Receive(socket);
        hasEnded |= error.Is(libc.EPIPE);
        return error;
    }

    /// <summary>The next request that is here whole.</summary>
    internal Result<bool> Next(out Message message)
    {
        Result<bool> next = reader.Next(out message);
        isReaderLarge |= message.Data.Length > UsualMessage;
        return next;
    }

    /// <summary>Everything that is here whole was handled. When a part of a message is left, its time runs, from its first byte on.</summary>
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

    /// <summary>An answer is on its way from now on.</summary>
    /// <param name="isLarge">Whether it may be larger than most.</param>
    internal void BeginAnswer(bool isLarge)
    {
        isWriterLarge |= isLarge;
        isRestLimited = false;
        // While answers wait the time of the first one runs.
        if (IsBeingAnswered)
            return;
        isClockRunning = true;
        limit.Restart();
    }

    /// <summary>The answer was sent.</summary>
    internal void EndAnswer()
    {
        isClockRunning = false;
        if (isWriterLarge)
            Writer.Free();
        isWriterLarge = false;
    }

    /// <summary>Closes the connection. What the client refers to was released.</summary>
    internal void Disconnect()
    {
        // At the end of the stream there is nothing that wasn't read. Else there may be, with descriptors.
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
