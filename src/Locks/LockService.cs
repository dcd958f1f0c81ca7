using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;
using LocalService.Services;

namespace LocalService.Locks;

/// <summary>What the daemon of timed locks does for its client. Specification "lock", section 1, with decisions 25 and 26.</summary>
internal unsafe struct LockService : ISessionService
{
    /// <summary>The protocol.</summary>
    internal static ReadOnlySpan<byte> Protocols => "s6lock v1.0\0"u8;

    private const uint PipeTag = 0;
    private const uint FirstAttemptTag = 1;
    private const uint Permissions = 0x1B6; // 0666, less the umask

    // How long a thread may take to end before it is signaled again.
    private const uint AgainMilliseconds = 5;

    private LockAttempt** attempts; // null where there is none
    private int capacity;
    private ulong sequence;
    private int reading;
    private int writing;
    private bool isWatched;

    /// <summary>Prepares to wait for locks.</summary>
    internal Errno Open()
    {
        int* ends = stackalloc int[2];
        Errno error = Signals.Interrupt(Interruptions.Signal) && Errno.Of(libc.pipe2(ends, LibC.O_CLOEXEC));
        if (error.Failed)
            return error;
        reading = ends[0];
        writing = ends[1];
        return Errno.Of(LibC.fcntl(reading, LibC.F_SETFL, LibC.O_NONBLOCK));
    }

    /// <inheritdoc/>
    public bool TryHandle(ref EventLoop loop, ref Session session, ReadOnlySpan<byte> command)
    {
        if (!LockCommand.TryParse(command, out LockCommand parsed))
            return false;
        if (!parsed.Acquires)
            session.AnswerByte(Release(ref loop, parsed.Id));
        else if (parsed.IsMalformed)
            session.AnswerByte(new Errno(libc.EPROTO));
        else
            Acquire(ref loop, ref session, parsed);
        return true;
    }

    /// <inheritdoc/>
    public void Ready(ref EventLoop loop, ref Session session, uint tag)
    {
        LockAttempt* ended;
        while (libc.read(reading, &ended, (nuint)sizeof(void*)) == sizeof(void*))
        {
            int place = PlaceOf(ended);
            RemoveDeadline(ref loop, ended);
            bool isHeld = !ended->IsCancelled && !ended->Result.Failed;
            if (!ended->IsCancelled)
                Post(ref session, ended->Id, ended->Result);
            if (isHeld)
                ended->IsHeld = true;
            else
                Free(place);
        }
    }

    /// <inheritdoc/>
    public void Deadline(ref EventLoop loop, ref Session session, uint tag)
    {
        LockAttempt* attempt = attempts[tag - FirstAttemptTag];
        attempt->HasDeadline = false;
        if (!attempt->IsCancelled)
            Post(ref session, attempt->Id, new Errno(libc.ETIMEDOUT));
        Cancel(ref loop, attempt);
    }

    /// <summary>The end of the process releases all locks.</summary>
    public readonly void Close()
    {
    }

    private void Acquire(ref EventLoop loop, ref Session session, scoped in LockCommand command)
    {
        Errno error = Begin(ref loop, command, out LockAttempt* attempt);
        session.AnswerByte(error);
        if (error.Failed)
            return;
        if (attempt->IsHeld)
            Post(ref session, attempt->Id, default);
        else if (command.HasLimit)
            Limit(ref loop, attempt, command.Limit);
    }

    private Errno Begin(ref EventLoop loop, scoped in LockCommand command, out LockAttempt* attempt)
    {
        attempt = null;
        Errno error = FindPlace(out int place);
        if (!error.Failed)
            error = loop.ReserveDeadlines(capacity); // one for each attempt
        if (!error.Failed && !isWatched)
            error = loop.Watch(reading, libc.EPOLLIN, PipeTag);
        if (error.Failed)
            return error;
        isWatched = true;
        Result<int> file = OpenFile(command);
        if (file.Failed)
            return file.Error;
        attempt = (LockAttempt*)Heap.Allocate((nuint)sizeof(LockAttempt));
        if (attempt == null)
        {
            _ = libc.close(file.Value);
            return new Errno(libc.ENOMEM);
        }
        *attempt = new LockAttempt { Id = command.Id, Sequence = ++sequence };
        attempts[place] = attempt;
        error = attempt->Begin(file.Value, command.Exclusive);
        if (FileLock.IsBusy(error))
            error = LockAttempt.Wait(attempt, writing);
        if (error.Failed)
            Free(place);
        return error;
    }

    private static Result<int> OpenFile(scoped in LockCommand command)
    {
        int flags = LibC.O_NONBLOCK | LibC.O_NOCTTY;
        fixed (byte* path = command.Path)
        {
            if (command.Exclusive)
                return BeneathDirectory.Open(path, flags | LibC.O_WRONLY | LibC.O_CREAT, Permissions);
            Result<int> file = BeneathDirectory.Open(path, flags | LibC.O_RDONLY, 0);
            if (!file.Error.Is(libc.ENOENT))
                return file;
            file = BeneathDirectory.Open(path, flags | LibC.O_WRONLY | LibC.O_CREAT, Permissions);
            if (file.Failed)
                return file;
            _ = libc.close(file.Value);
            return BeneathDirectory.Open(path, flags | LibC.O_RDONLY, 0);
        }
    }

    /// <summary>Makes an attempt fail at a date, converted with the wall clock as it is now.</summary>
    private readonly void Limit(ref EventLoop loop, LockAttempt* attempt, TaiDate limit)
    {
        if (limit.TryGetMillisecondsFrom(TaiDate.Now, out uint milliseconds))
            AddDeadline(ref loop, attempt, milliseconds);
    }

    /// <summary>Releases the newest lock with an id, or ends the attempt.</summary>
    private readonly Errno Release(ref EventLoop loop, ushort id)
    {
        int newest = -1;
        for (int place = 0; place < capacity; place++)
        {
            LockAttempt* attempt = attempts[place];
            bool hasId = attempt != null && attempt->Id == id && !attempt->IsCancelled;
            if (hasId && (newest < 0 || attempt->Sequence > attempts[newest]->Sequence))
                newest = place;
        }
        if (newest < 0)
            return new Errno(libc.ENOENT);
        if (attempts[newest]->IsHeld)
        {
            Free(newest);
            return default;
        }
        RemoveDeadline(ref loop, attempts[newest]);
        Cancel(ref loop, attempts[newest]);
        return default;
    }

    private readonly void Cancel(ref EventLoop loop, LockAttempt* attempt)
    {
        attempt->Cancel();
        AddDeadline(ref loop, attempt, AgainMilliseconds);
    }

    private readonly void AddDeadline(ref EventLoop loop, LockAttempt* attempt, uint milliseconds)
    {
        attempt->HasDeadline = true;
        attempt->Deadline = loop.AddDeadline(Moment.Now.PlusMilliseconds(milliseconds), FirstAttemptTag + (uint)PlaceOf(attempt));
    }

    private static void RemoveDeadline(ref EventLoop loop, LockAttempt* attempt)
    {
        if (attempt->HasDeadline)
            loop.RemoveDeadline(attempt->Deadline);
        attempt->HasDeadline = false;
    }

    private static void Post(ref Session session, ushort id, Errno status)
    {
        Span<byte> text = stackalloc byte[LockCommand.EventSize];
        BigEndian.Write(text[..^1], id);
        text[^1] = (byte)status.Number;
        session.Post(text);
    }

    private readonly void Free(int place)
    {
        attempts[place]->End();
        Heap.Free((byte*)attempts[place]);
        attempts[place] = null;
    }

    private readonly int PlaceOf(LockAttempt* attempt)
    {
        int place = 0;
        while (attempts[place] != attempt)
            place++;
        return place;
    }

    private Errno FindPlace(out int place)
    {
        for (place = 0; place < capacity; place++)
        {
            if (attempts[place] == null)
                return default;
        }
        const int FirstCapacity = 16;
        int wanted = capacity == 0 ? FirstCapacity : 2 * capacity;
        byte* grown = attempts == null
            ? Heap.Allocate((nuint)(wanted * sizeof(LockAttempt*)))
            : Heap.Resize((byte*)attempts, (nuint)(wanted * sizeof(LockAttempt*)));
        if (grown == null)
            return new Errno(libc.ENOMEM);
        attempts = (LockAttempt**)grown;
        for (; capacity < wanted; capacity++)
            attempts[capacity] = null;
        return default;
    }
}
