using System;
using System.Runtime.InteropServices;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Server;

/// <summary>
/// What a server tells about itself in a file that it has mapped: doc/insight.md has the format, for other readers. The server alone writes it,
/// under its lock, by stores into memory: no reader can hold it up. Everything is little-endian, as the processors are that it runs on.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct StatusPage
{
    /// <summary>The first eight bytes of a file, and the version of its format.</summary>
    internal static ReadOnlySpan<byte> Magic => "LSSTAT\0\u0001"u8;

    internal const int HeaderSize = 256;
    internal const int NameSize = 24;

    /// <summary>The server runs; what is there otherwise is its last word.</summary>
    internal const uint Running = 1;

    internal ulong MagicNumber;
    internal uint Capacity;
    internal int ProcessId;
    internal ulong ProcessStart; // in ticks since the machine was started, proc(5); 0: unknown
    internal ulong Started; // milliseconds since 1970
    internal fixed byte Name[NameSize];
    internal uint State;
    internal uint MaximumConnections;
    internal ulong Accepted;
    internal ulong RefusedByLimit;
    internal ulong RefusedByGate;
    internal ulong Unidentified;
    internal ulong SpawnErrors;
    internal ulong Exhaustions;
    internal ulong Ended;
    internal uint Live;
    internal uint Peak;
}

/// <summary>A 32-bit word that others read meanwhile: no write of one moves in front of an earlier one.</summary>
internal struct StatusWord
{
    internal volatile uint Value;
}

/// <summary>A connection in the file. While it is written its sequence number is odd; it is another one afterwards.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct StatusEntry
{
    internal const int Size = 64;

    /// <summary>What <see cref="Kind"/> says of the peer: ids of a user and a group, or an address and a port, IPv4 mapped to IPv6.</summary>
    internal const uint Ids = 1;
    internal const uint Address = 2;

    internal StatusWord Sequence;
    internal StatusWord Kind; // 0: free
    internal StatusWord ProcessId;
    internal StatusWord Number; // the group, or the port
    internal StatusWord SinceLow; // milliseconds since 1970
    internal StatusWord SinceHigh;
    internal StatusWord HighLow; // the first eight bytes of the address as a number
    internal StatusWord HighHigh;
    internal StatusWord LowLow; // the last eight bytes, or the user
    internal StatusWord LowHigh;
    private StatusWord spare1, spare2, spare3, spare4, spare5, spare6;

    internal readonly ulong High => (ulong)HighHigh.Value << 32 | HighLow.Value;
    internal readonly ulong Low => (ulong)LowHigh.Value << 32 | LowLow.Value;
    internal readonly ulong Since => (ulong)SinceHigh.Value << 32 | SinceLow.Value;

    /// <summary>Fills in who the peer is.</summary>
    internal void SetPeer(uint kind, ulong high, ulong low, uint number)
    {
        Kind.Value = kind;
        HighLow.Value = (uint)high;
        HighHigh.Value = (uint)(high >> 32);
        LowLow.Value = (uint)low;
        LowHigh.Value = (uint)(low >> 32);
        Number.Value = number;
    }
}

/// <summary>The page of a server, if it has one. Needs the lock of the server throughout.</summary>
internal unsafe struct ServerStatus
{
    // More connections are counted, and not listed.
    private const uint MostEntries = 16_384;

    /// <summary>The counters; null without a page.</summary>
    internal StatusPage* Page;

    private StatusEntry* entries;
    private uint* free; // the places that are free, a stack
    private uint freeCount;
    private NumberTable placeOfChild;

    /// <summary>Makes the file, under a temporary name first: a reader never sees one that isn't whole.</summary>
    /// <param name="path">The file. What is there is replaced.</param>
    /// <param name="name">The name of the daemon.</param>
    /// <param name="maximumConnections">The limit on connections.</param>
    internal Errno Create(byte* path, ReadOnlySpan<byte> name, uint maximumConnections)
    {
        uint capacity = maximumConnections > MostEntries ? MostEntries : maximumConnections;
        nuint size = StatusPage.HeaderSize + (capacity * (nuint)StatusEntry.Size);
        byte* temporary = TemporaryName.Beside(Bytes.OfC(path), name);
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
        if (!error.Failed)
            error = DirectoryEntry.Rename(LibC.AT_FDCWD, temporary, LibC.AT_FDCWD, path);
        if (error.Failed)
        {
            Page = null;
            _ = DirectoryEntry.Remove(LibC.AT_FDCWD, temporary);
        }
        return error;
    }

    /// <summary>Writes all of the file, so that no store can meet a full disk, and maps it.</summary>
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
        if (free == null || placeOfChild.Reserve(capacity).Failed)
            return new Errno(libc.ENOMEM);
        void* memory = LibC.mmap(null, (size_t)size, LibC.PROT_READ | LibC.PROT_WRITE, LibC.MAP_SHARED, file, 0);
        if (memory == LibC.MAP_FAILED)
            return Errno.Last;
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

    /// <summary>A connection has got its child.</summary>
    internal void Begin<TPeer>(int pid, in TPeer client) where TPeer : unmanaged, IPeer<TPeer>
    {
        if (Page == null || freeCount == 0)
            return;
        uint place = free[--freeCount];
        placeOfChild.Set((uint)pid, place);
        StatusEntry* entry = &entries[place];
        entry->Sequence.Value++;
        client.Describe(ref *entry);
        ulong now = Clock.MillisecondsSince1970;
        entry->ProcessId.Value = (uint)pid;
        entry->SinceLow.Value = (uint)now;
        entry->SinceHigh.Value = (uint)(now >> 32);
        entry->Sequence.Value++;
    }

    /// <summary>A child has ended.</summary>
    internal void End(int pid)
    {
        CountEnd();
        if (Page == null || !placeOfChild.Remove((uint)pid, out uint place))
            return;
        StatusEntry* entry = &entries[place];
        entry->Sequence.Value++;
        entry->Kind.Value = 0;
        entry->Sequence.Value++;
        free[freeCount++] = place;
    }

    /// <summary>A child has ended before it was entered: its number may be that of another one, which is, by now.</summary>
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

/// <summary>When a process was started: together with its number it tells it from every other one of this run of the machine.</summary>
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
        // The name is whatever the process likes, with parentheses and blanks in it.
        rest = rest[(rest.LastIndexOf((byte)')') + 1)..];
        for (int field = 0; field < FieldsBehindName; field++)
            rest = rest[(rest.IndexOf((byte)' ') + 1)..];
        int end = rest.IndexOf((byte)' ');
        return end > 0 && Numbers.TryParseLong(rest[..end], out ulong start) ? start : 0;
    }
}
