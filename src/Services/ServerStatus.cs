using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Services;

/// <summary>The page of a server, if it has one. Needs the lock of the server throughout.</summary>
internal unsafe struct ServerStatus
{
    // Connections beyond this number are counted, but not listed.
    private const uint MostEntries = 16_384;

    /// <summary>The counters; null without a page.</summary>
    internal StatusPage* Page;

    private StatusEntry* entries;
    private uint* free; // the places that are free, a stack
    private uint freeCount;
    private NumberTable placeOf; // by the number of the connection

    /// <summary>Creates the file, under a temporary name first, so that a reader never sees an incomplete one.</summary>
    /// <param name="path">The file. An existing one is replaced.</param>
    /// <param name="name">The name of the daemon.</param>
    /// <param name="maximumConnections">The limit on connections.</param>
    internal Errno Create(CString path, ReadOnlySpan<byte> name, uint maximumConnections)
    {
        uint capacity = maximumConnections > MostEntries ? MostEntries : maximumConnections;
        nuint size = StatusPage.HeaderSize + (capacity * (nuint)StatusEntry.Size);
        CString temporary = TemporaryName.Beside(Bytes.OfC(path), name);
        Result<int> created = TemporaryName.Create(temporary, 0x180);
        if (created.Failed)
            return created.Error;
        using var file = new Descriptor(created.Value);
        Errno error = Fill(file.Number, size, capacity);
        if (!error.Failed)
        {
            name.CopyTo(new Span<byte>(Page->Name, StatusPage.NameSize - 1));
            Page->MaximumConnections = maximumConnections;
            error = Errno.Of(libc.fchmod(file.Number, 0x1A4)); // 0644
        }
        error = error && DirectoryEntry.Rename(LibC.AT_FDCWD, temporary, LibC.AT_FDCWD, path);
        if (error.Failed)
        {
            Page = null;
            _ = DirectoryEntry.Remove(LibC.AT_FDCWD, temporary);
        }
        return error;
    }

    /// <summary>Writes the whole file, so that no store can hit a full disk, and maps it.</summary>
    private Errno Fill(int file, nuint size, uint capacity)
    {
        Span<byte> zeros = stackalloc byte[1024];
        zeros.Clear();
        Errno error = default;
        for (nuint done = 0; !error.Failed && done < size; done += (nuint)zeros.Length)
            error = RegularFile.WriteAt(file, (long)done, size - done < (nuint)zeros.Length ? zeros[..(int)(size - done)] : zeros);
        if (error.Failed)
            return error;
        free = (uint*)MappedMemory.Map(capacity * (nuint)sizeof(uint));
        if (free == null || placeOf.Reserve(capacity).Failed)
            return new Errno(libc.ENOMEM);
        error = FileMemory.Map(file, size, out void* memory);
        if (error.Failed)
            return error;
        Page = (StatusPage*)memory;
        entries = (StatusEntry*)((byte*)memory + StatusPage.HeaderSize);
        for (freeCount = 0; freeCount < capacity; freeCount++)
            free[freeCount] = capacity - 1 - freeCount;
        StatusPage.Magic.CopyTo(new Span<byte>(memory, StatusPage.Magic.Length));
        Page->Capacity = capacity;
        Page->ProcessId = libc.getpid();
        Page->ProcessStart = ProcessStart.Of(Page->ProcessId);
        Page->Started = Clock.MillisecondsSince1970;
        Page->State = StatusPage.Running;
        return default;
    }

    /// <summary>How many connections there are now.</summary>
    internal readonly void SetLive(uint count)
    {
        if (Page == null)
            return;
        Page->Live = count;
        if (count > Page->Peak)
            Page->Peak = count;
    }

    /// <summary>A connection begins.</summary>
    /// <param name="number">The number that identifies it until it ends, at most 4294967294; in a server, that of the child.</param>
    /// <param name="processId">The process that the page shows: the child of a server.</param>
    /// <param name="client">The peer.</param>
    internal void Begin(uint number, int processId, in StatusEntry client)
    {
        if (Page == null || freeCount == 0)
            return;
        uint place = free[--freeCount];
        placeOf.Set(number, place);
        StatusEntry* entry = &entries[place];
        entry->Sequence.Value++;
        entry->SetPeer(client.Kind.Value, client.High, client.Low, client.Number.Value);
        ulong now = Clock.MillisecondsSince1970;
        entry->ProcessId.Value = (uint)processId;
        entry->SinceLow.Value = (uint)now;
        entry->SinceHigh.Value = (uint)(now >> 32);
        entry->Sequence.Value++;
    }

    /// <summary>A connection has ended.</summary>
    internal void End(uint number)
    {
        CountEnd();
        if (Page == null || !placeOf.Remove(number, out uint place))
            return;
        StatusEntry* entry = &entries[place];
        entry->Sequence.Value++;
        entry->Kind.Value = 0;
        entry->Sequence.Value++;
        free[freeCount++] = place;
    }

    /// <summary>A connection has ended before it was entered: by now its number may be that of another connection, which is entered.</summary>
    internal readonly void CountEnd()
    {
        if (Page != null)
            Page->Ended++;
    }

    /// <summary>The server ends.</summary>
    internal readonly void Close()
    {
        if (Page != null)
            Page->State = 0;
    }
}

/// <summary>When a process was started: together with the process id it identifies the process during this run of the machine.</summary>
internal static unsafe class ProcessStart
{
    private const int FieldsBehindName = 20; // starttime is field 22 of proc(5), the name is field 2

    /// <summary>In ticks since the machine was started; 0 when /proc doesn't tell.</summary>
    internal static ulong Of(int processId)
    {
        var path = new Line(-1, stackalloc byte[64]);
        path.Add("/proc/"u8);
        path.Add((ulong)(uint)processId);
        path.Add("/stat\0"u8);
        Span<byte> text = stackalloc byte[1024];
        Result<int> size;
        fixed (byte* name = path.Text)
            size = RegularFile.Read(LibC.AT_FDCWD, name, text);
        if (size.Failed)
            return 0;
        ReadOnlySpan<byte> rest = text[..size.Value];
        // The process chooses its name, which may have parentheses and blanks in it.
        rest = rest[(rest.LastIndexOf((byte)')') + 1)..];
        for (int field = 0; field < FieldsBehindName; field++)
            rest = rest[(rest.IndexOf((byte)' ') + 1)..];
        int end = rest.IndexOf((byte)' ');
        return end > 0 && Numbers.TryParseLong(rest[..end], out ulong start) ? start : 0;
    }
}
