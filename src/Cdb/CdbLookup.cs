using System;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Cdb;

/// <summary>
/// Finding a key. Every position is computed in 64 bits and checked by the source, so a damaged database gives an answer or an error,
/// never a byte from elsewhere. Only what the search needs has to be intact.
/// </summary>
internal static class CdbLookup
{
    /// <summary>The first record of a key.</summary>
    /// <returns>ENOENT when there is none; EINVAL when the database is damaged where the search leads.</returns>
    internal static Result<CdbRecord> Find<T>(ref T source, ReadOnlySpan<byte> key) where T : struct, ICdbSource
    {
        uint hash = CdbFormat.Hash(key);
        Result<CdbPair> table = CdbSource.ReadPair(ref source, (ulong)CdbFormat.TableOf(hash) * CdbFormat.PairSize);
        if (table.Failed)
            return table.Error;
        uint slots = table.Value.Second;
        if (slots == 0)
            return new Errno(libc.ENOENT);
        uint slot = CdbFormat.FirstSlot(hash, slots);
        for (uint tried = 0; tried < slots; tried++)
        {
            Result<CdbPair> entry = CdbSource.ReadPair(ref source, table.Value.First + (ulong)slot * CdbFormat.PairSize);
            if (entry.Failed)
                return entry.Error;
            if (entry.Value.Second == 0)
                return new Errno(libc.ENOENT);
            if (entry.Value.First == hash)
            {
                Result<CdbRecord> record = RecordOf(ref source, entry.Value.Second, key);
                if (!record.Error.Is(libc.ENOENT))
                    return record;
            }
            slot = slot + 1 == slots ? 0 : slot + 1;
        }
        return new Errno(libc.ENOENT);
    }

    /// <summary>The record at a position if it is one of the key; ENOENT if it is of another.</summary>
    private static Result<CdbRecord> RecordOf<T>(ref T source, uint position, ReadOnlySpan<byte> key) where T : struct, ICdbSource
    {
        Result<CdbRecord> record = CdbSource.ReadRecord(ref source, position);
        if (record.Failed)
            return record;
        if (record.Value.KeyLength != (uint)key.Length)
            return new Errno(libc.ENOENT);
        Span<byte> part = stackalloc byte[64];
        for (int compared = 0; compared < key.Length; compared += part.Length)
        {
            ReadOnlySpan<byte> expected = key[compared..];
            if (expected.Length < part.Length)
                part = part[..expected.Length];
            Errno error = source.Read(record.Value.KeyOffset + (ulong)compared, part);
            if (error.Failed)
                return error;
            if (!expected.BeginsWith(part))
                return new Errno(libc.ENOENT);
        }
        return record;
    }
}
