using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Cdb;

/// <summary>The bytes of a database, in a file or in memory.</summary>
internal interface ICdbSource
{
    /// <summary>The number of bytes.</summary>
    ulong Size { get; }

    /// <summary>Shows the bytes at an offset, until the next call. EINVAL if some are outside the database.</summary>
    /// <param name="offset">The offset of the first byte.</param>
    /// <param name="length">The number of bytes, at most <see cref="CdbSource.LongestView"/>.</param>
    /// <param name="bytes">The bytes.</param>
    Errno View(ulong offset, int length, out ReadOnlySpan<byte> bytes);
}

/// <summary>Helpers that every reader of a database needs.</summary>
internal static class CdbSource
{
    /// <summary>How many bytes a view can show: more than the longest record of a rule, and many entire databases.</summary>
    internal const int LongestView = 12 * 1024;

    private const int HashedAtOnce = 4 * 1024;

    /// <summary>The error for a database that contradicts itself or lacks bytes.</summary>
    internal static Errno Damaged => new(libc.EINVAL);

    internal static Result<CdbPair> ReadPair<T>(ref T source, ulong offset) where T : struct, ICdbSource
    {
        Errno error = source.View(offset, CdbFormat.PairSize, out ReadOnlySpan<byte> bytes);
        return error.Failed ? error : CdbFormat.ReadPair(bytes);
    }

    internal static Result<CdbRecord> ReadRecord<T>(ref T source, ulong offset) where T : struct, ICdbSource
    {
        Result<CdbPair> lengths = ReadPair(ref source, offset);
        return lengths.Failed ? lengths.Error : new CdbRecord(offset, lengths.Value);
    }

    /// <summary>The hash of any number of bytes.</summary>
    internal static Result<uint> Hash<T>(ref T source, ulong offset, ulong length) where T : struct, ICdbSource
    {
        uint hash = CdbFormat.EmptyHash;
        while (length > 0)
        {
            int part = length < HashedAtOnce ? (int)length : HashedAtOnce;
            Errno error = source.View(offset, part, out ReadOnlySpan<byte> bytes);
            if (error.Failed)
                return error;
            hash = CdbFormat.Hash(bytes, hash);
            offset += (ulong)part;
            length -= (ulong)part;
        }
        return hash;
    }
}
