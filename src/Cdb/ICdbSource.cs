using System;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Cdb;

/// <summary>The bytes of a database, wherever they are.</summary>
internal interface ICdbSource
{
    /// <summary>Reads the bytes at an offset, all of them. EINVAL when some lie outside of the database.</summary>
    Errno Read(ulong offset, Span<byte> destination);
}

/// <summary>What every reader of a database needs.</summary>
internal static class CdbSource
{
    /// <summary>What is answered for a database that contradicts itself or lacks bytes.</summary>
    internal static Errno Damaged => new(libc.EINVAL);

    internal static Result<CdbPair> ReadPair<T>(ref T source, ulong offset) where T : struct, ICdbSource
    {
        Span<byte> bytes = stackalloc byte[CdbFormat.PairSize];
        Errno error = source.Read(offset, bytes);
        return error.Failed ? error : CdbFormat.ReadPair(bytes);
    }

    internal static Result<CdbRecord> ReadRecord<T>(ref T source, ulong offset) where T : struct, ICdbSource
    {
        Result<CdbPair> lengths = ReadPair(ref source, offset);
        return lengths.Failed ? lengths.Error : new CdbRecord(offset, lengths.Value);
    }
}
