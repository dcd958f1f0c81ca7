using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Cdb;

/// <summary>
/// Finds a key. Every position is computed in 64 bits and checked by the source, so a damaged database gives an answer or an error,
/// never a byte from elsewhere. Only the parts that the search reads have to be intact, but they have to agree: if a wrong byte in a table or a
/// key could have led the search past a record, that is an error.
/// </summary>
internal static class CdbLookup
{
    /// <summary>Finds the first record of a key.</summary>
    /// <returns>ENOENT when there is none; EINVAL when the part that the search reads is damaged.</returns>
    internal static Result<CdbRecord> Find<T>(ref T source, ReadOnlySpan<byte> key) where T : struct, ICdbSource
    {
        uint hash = CdbFormat.Hash(key);
        Result<CdbTable> found = CdbTable.Of(ref source, CdbFormat.TableOf(hash));
        if (found.Failed)
            return found.Error;
        CdbTable table = found.Value;
        if (table.Slots == 0)
            return new Errno(libc.ENOENT);
        uint slot = CdbFormat.FirstSlot(hash, table.Slots);
        for (uint tried = 0; tried < table.Slots; tried++)
        {
            Result<CdbPair> entry = table.ReadSlot(ref source, slot);
            if (entry.Failed)
                return entry.Error;
            if (CdbTable.IsFree(entry.Value))
                return new Errno(libc.ENOENT);
            Result<CdbRecord> record = table.ReadRecord(ref source, entry.Value);
            if (record.Failed)
                return record;
            Errno different = Compare(ref source, record.Value, entry.Value.First, key, hash);
            if (!different.Failed)
                return record;
            if (!different.Is(libc.ENOENT))
                return different;
            slot = slot + 1 == table.Slots ? 0 : slot + 1;
        }
        return new Errno(libc.ENOENT);
    }

    /// <summary>Compares the key of a record. ENOENT if it is a different key; EINVAL if it doesn't match the hash in its slot.</summary>
    private static Errno Compare<T>(ref T source, CdbRecord record, uint slotHash, ReadOnlySpan<byte> key, uint hash) where T : struct, ICdbSource
    {
        if (slotHash == hash && record.KeyLength == (uint)key.Length && key.Length <= CdbSource.LongestView)
        {
            Errno error = source.View(record.KeyOffset, key.Length, out ReadOnlySpan<byte> stored);
            if (error.Failed || stored.SequenceEqual(key))
                return error;
        }
        Result<uint> actual = CdbSource.Hash(ref source, record.KeyOffset, record.KeyLength);
        if (actual.Failed)
            return actual.Error;
        return actual.Value == slotHash ? new Errno(libc.ENOENT) : CdbSource.Damaged;
    }
}
