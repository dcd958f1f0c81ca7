using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Cdb;

/// <summary>
/// Writes a database into an empty file: <see cref="Start"/>, <see cref="Add"/> for each record, <see cref="Finish"/>. The same records
/// in the same order give the same bytes. The file must be readable for <see cref="HashOf"/>. Errors are those of write(2), ENOMEM, or EFBIG
/// for more than 4294967295 bytes.
/// </summary>
internal struct CdbWriter(int descriptor)
{
    private const int FlushSize = 64 * 1024;

    private ByteBuffer pending; // data that isn't written yet
    private ByteBuffer slots; // a pair (hash, position) per record
    private long written; // the position in the file where pending belongs

    /// <summary>The position of the next record.</summary>
    internal readonly long Position => written + pending.Length;

    internal Errno Start() => AddZeros(CdbFormat.HeaderSize);

    internal Errno Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data)
    {
        var slot = new CdbPair(CdbFormat.Hash(key), (uint)Position);
        // Besides its data, a record needs two slots in its table.
        long growth = 3L * CdbFormat.PairSize + key.Length + data.Length;
        if (Position + 2L * slots.Length + growth > CdbFormat.LargestFile)
            return new Errno(libc.EFBIG);
        return AddPair(ref slots, slot)
            && AddPair(ref pending, new CdbPair((uint)key.Length, (uint)data.Length))
            && pending.Add(key)
            && pending.Add(data)
            && FlushIfLarge();
    }

    /// <summary>The hash of a range of the bytes written so far, which it reads back from the file.</summary>
    internal Result<uint> HashOf(long offset, long length)
    {
        Errno error = offset + length > written ? Flush() : default;
        if (error.Failed)
            return error;
        uint hash = CdbFormat.EmptyHash;
        Span<byte> buffer = stackalloc byte[1024];
        for (long at = 0; at < length; at += buffer.Length)
        {
            if (buffer.Length > length - at)
                buffer = buffer[..(int)(length - at)];
            Result<int> count = RegularFile.ReadAt(descriptor, offset + at, buffer);
            if (count.Failed)
                return count.Error;
            if (count.Value < buffer.Length)
                return new Errno(libc.EINVAL);
            hash = CdbFormat.Hash(buffer, hash);
        }
        return hash;
    }

    /// <summary>Writes the tables and the pairs that lead to them. No record can be added after that.</summary>
    internal Errno Finish()
    {
        int count = slots.Length / CdbFormat.PairSize;
        Span<int> counts = stackalloc int[CdbFormat.Tables];
        CountByTable(counts);
        var ordered = new ByteBuffer();
        Errno error = ordered.Extend(slots.Length);
        if (!error.Failed)
        {
            OrderByTable(counts, ordered.Content);
            error = WriteTables(counts, ordered.Content);
        }
        ordered.Free();
        return error;
    }

    internal void Free()
    {
        pending.Free();
        slots.Free();
    }

    private readonly void CountByTable(Span<int> counts)
    {
        counts.Clear();
        for (int at = 0; at < slots.Length; at += CdbFormat.PairSize)
            counts[CdbFormat.TableOf(CdbFormat.ReadPair(slots.Content[at..]).First)]++;
    }

    /// <summary>Copies the slots grouped by table, in the order in which they were added.</summary>
    private readonly void OrderByTable(ReadOnlySpan<int> counts, Span<byte> ordered)
    {
        Span<int> next = stackalloc int[CdbFormat.Tables];
        int start = 0;
        for (int table = 0; table < CdbFormat.Tables; table++)
        {
            next[table] = start;
            start += counts[table];
        }
        for (int at = 0; at < slots.Length; at += CdbFormat.PairSize)
        {
            Span<byte> slot = slots.Content.Slice(at, CdbFormat.PairSize);
            int table = CdbFormat.TableOf(CdbFormat.ReadPair(slot).First);
            slot.CopyTo(ordered[(next[table]++ * CdbFormat.PairSize)..]);
        }
    }

    private Errno WriteTables(ReadOnlySpan<int> counts, ReadOnlySpan<byte> ordered)
    {
        Span<byte> header = stackalloc byte[CdbFormat.HeaderSize];
        for (int table = 0; table < CdbFormat.Tables; table++)
        {
            int size = counts[table] * CdbFormat.PairSize;
            CdbFormat.WritePair(header[(table * CdbFormat.PairSize)..], new CdbPair((uint)Position, 2 * (uint)counts[table]));
            Errno error = WriteTable(ordered[..size]);
            if (error.Failed)
                return error;
            ordered = ordered[size..];
        }
        Errno flushed = Flush();
        return flushed.Failed ? flushed : RegularFile.WriteAt(descriptor, 0, header);
    }

    private Errno WriteTable(ReadOnlySpan<byte> members)
    {
        int start = pending.Length;
        Errno error = AddZeros(2 * members.Length);
        if (error.Failed)
            return error;
        Span<byte> table = pending.Content[start..];
        uint size = (uint)(table.Length / CdbFormat.PairSize);
        for (; !members.IsEmpty; members = members[CdbFormat.PairSize..])
        {
            CdbPair member = CdbFormat.ReadPair(members);
            uint slot = CdbFormat.FirstSlot(member.First, size);
            while (CdbFormat.ReadPair(SlotOf(table, slot)).Second != 0)
                slot = slot + 1 == size ? 0 : slot + 1;
            CdbFormat.WritePair(SlotOf(table, slot), member);
        }
        return FlushIfLarge();
    }

    private static Span<byte> SlotOf(Span<byte> table, uint slot) => table.Slice((int)slot * CdbFormat.PairSize, CdbFormat.PairSize);

    private static Errno AddPair(ref ByteBuffer buffer, CdbPair pair)
    {
        Span<byte> bytes = stackalloc byte[CdbFormat.PairSize];
        CdbFormat.WritePair(bytes, pair);
        return buffer.Add(bytes);
    }

    private Errno AddZeros(int count)
    {
        int start = pending.Length;
        Errno error = pending.Extend(count);
        if (!error.Failed)
            pending.Content[start..].Clear();
        return error;
    }

    private Errno FlushIfLarge() => pending.Length < FlushSize ? default : Flush();

    private Errno Flush()
    {
        Errno error = RegularFile.WriteAt(descriptor, written, pending.Content);
        written = Position;
        pending.Clear();
        return error;
    }
}
