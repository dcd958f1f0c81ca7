using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;
using LocalService.Services;

namespace LocalService.Insight;

/// <summary>The content of a server's status file, as it was at one moment, or nearly so.</summary>
internal unsafe struct StatusFile
{
    private const int LargestFile = 4 * 1024 * 1024;

    // The file is read three times: an entry with the same number in the first and the last copy is intact in the middle one.
    private ByteBuffer before;
    private ByteBuffer content;
    private ByteBuffer after;

    /// <summary>The file, a C string.</summary>
    internal CString Path;

    /// <summary>Why it can't be read; EINVAL if it isn't a status file.</summary>
    internal Errno Error { get; private set; }

    /// <summary>The number of accepted connections at the previous reading; 0 at first.</summary>
    internal ulong AcceptedBefore { get; private set; }

    /// <summary>The time of the previous reading, in microseconds.</summary>
    internal long ReadBefore { get; private set; }

    /// <summary>The time of the last reading, in microseconds.</summary>
    internal long ReadAt { get; private set; }

    /// <summary>The counters.</summary>
    internal readonly StatusPage* Page => (StatusPage*)content.Pointer;

    /// <summary>The name of the daemon.</summary>
    internal readonly ReadOnlySpan<byte> Name => Bytes.UntilNul(new ReadOnlySpan<byte>(Page->Name, StatusPage.NameSize));

    /// <summary>Connections per second: since the previous reading, or, the first time, since the start of the server.</summary>
    internal readonly ulong PerSecond(ulong now)
    {
        if (ReadBefore != 0)
            return ReadAt > ReadBefore && Page->Accepted >= AcceptedBefore
                ? (Page->Accepted - AcceptedBefore) * 1_000_000 / (ulong)(ReadAt - ReadBefore)
                : 0;
        ulong lived = now > Page->Started ? now - Page->Started : 0;
        return lived == 0 ? 0 : Page->Accepted * 1000 / lived;
    }

    /// <summary>Whether the server that wrote the file still runs: a process with its id and its start time exists.</summary>
    internal readonly bool IsAlive
    {
        get
        {
            // What isn't positive doesn't name a process for kill(2).
            if (Page->State != StatusPage.Running || Page->ProcessId <= 0)
                return false;
            ulong start = ProcessStart.Of(Page->ProcessId);
            if (start != 0 && Page->ProcessStart != 0)
                return start == Page->ProcessStart;
            return libc.kill(Page->ProcessId, 0) == 0 || libc.errno == libc.EPERM;
        }
    }

    /// <summary>Reads the file, for the first time or again.</summary>
    internal void Read()
    {
        bool again = content.Length > 0 && !Error.Failed;
        AcceptedBefore = again ? Page->Accepted : 0;
        int processBefore = again ? Page->ProcessId : 0;
        ReadBefore = again ? ReadAt : 0;
        Error = ReadInto(ref before);
        if (!Error.Failed)
            Error = ReadInto(ref content);
        if (!Error.Failed)
            Error = ReadInto(ref after);
        ReadAt = Clock.Microseconds;
        if (!Error.Failed && !IsSound())
            Error = new Errno(libc.EINVAL);
        if (!Error.Failed && Page->ProcessId != processBefore)
            ReadBefore = 0; // another server
    }

    /// <summary>The number of slots for connections.</summary>
    internal readonly uint Places => Page->Capacity;

    /// <summary>The connection in a slot; false if the slot is empty, or its connection was just beginning or ending.</summary>
    internal readonly bool TryGet(uint place, out StatusEntry entry)
    {
        int offset = StatusPage.HeaderSize + ((int)place * StatusEntry.Size);
        entry = *(StatusEntry*)(content.Pointer + offset);
        uint sequence = ((StatusEntry*)(before.Pointer + offset))->Sequence.Value;
        return entry.Kind.Value != 0 && (sequence & 1) == 0 && sequence == ((StatusEntry*)(after.Pointer + offset))->Sequence.Value;
    }

    private readonly Errno ReadInto(ref ByteBuffer buffer)
    {
        buffer.Clear();
        return RegularFile.ReadWhole(LibC.AT_FDCWD, Path, LargestFile, ref buffer);
    }

    private readonly bool IsSound()
    {
        if (content.Length < StatusPage.HeaderSize || !((ReadOnlySpan<byte>)content.Content).StartsWith(StatusPage.Magic))
            return false;
        ulong size = StatusPage.HeaderSize + (Page->Capacity * (ulong)StatusEntry.Size);
        return (ulong)content.Length == size && before.Length == content.Length && after.Length == content.Length;
    }
}
