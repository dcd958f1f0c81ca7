using LocalService.Errors;
using LocalService.Posix;

namespace LocalService.Cdb;

/// <summary>A walk over all records, in the order in which they were added. They end where the first table starts.</summary>
internal struct CdbWalk
{
    private readonly ulong end;
    private ulong next = CdbFormat.HeaderSize;

    private CdbWalk(ulong end) => this.end = end;

    /// <summary>Starts a walk. A database without tables, all its pairs being zero, has no records.</summary>
    /// <returns>EINVAL when the records can't end at the position in the first pair.</returns>
    internal static Result<CdbWalk> Of<T>(ref T source) where T : struct, ICdbSource
    {
        Result<CdbPair> first = CdbSource.ReadPair(ref source, 0);
        if (first.Failed)
            return first.Error;
        uint end = first.Value.First;
        if (end is > 0 and < CdbFormat.HeaderSize)
            return CdbSource.Damaged;
        return new CdbWalk(end);
    }

    /// <summary>Whether a record follows.</summary>
    internal readonly bool HasNext => next < end;

    /// <summary>The next record. EINVAL when it doesn't end before the tables.</summary>
    internal Result<CdbRecord> Next<T>(ref T source) where T : struct, ICdbSource
    {
        Result<CdbRecord> record = CdbSource.ReadRecord(ref source, next);
        if (record.Failed)
            return record;
        if (record.Value.End > end)
            return CdbSource.Damaged;
        next = record.Value.End;
        return record;
    }
}
