using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Cdb;

/// <summary>
/// One of the hash tables. Every writer puts them one after another, the first right behind the last record and the last one at the end of
/// the file: a table whose place doesn't fit between its neighbors is invalid, and so is a slot that belongs in another table.
/// </summary>
internal readonly struct CdbTable
{
    private readonly int number;
    private readonly uint start;
    private readonly uint recordsEnd;

    private CdbTable(int number, CdbPair place, uint recordsEnd)
    {
        this.number = number;
        start = place.First;
        Slots = place.Second;
        this.recordsEnd = recordsEnd;
    }

    /// <summary>The number of slots.</summary>
    internal uint Slots { get; }

    /// <summary>Finds a table. A database whose pairs are all zero has no records, and tables without slots.</summary>
    internal static Result<CdbTable> Of<T>(ref T source, int number) where T : struct, ICdbSource
    {
        const int Last = CdbFormat.Tables - 1;
        Result<CdbPair> first = CdbSource.ReadPair(ref source, 0);
        Result<CdbPair> place = CdbSource.ReadPair(ref source, PairOffset(number));
        Result<CdbPair> before = number == 0 ? first : CdbSource.ReadPair(ref source, PairOffset(number - 1));
        Result<CdbPair> after = number == Last ? place : CdbSource.ReadPair(ref source, PairOffset(number + 1));
        if (first.Failed || place.Failed || before.Failed || after.Failed)
            return FirstError(first.Error, place.Error, before.Error, after.Error);
        CdbPair table = place.Value;
        bool isNothing = table.First == 0 && table.Second == 0;
        bool followsRecords = first.Value.First >= CdbFormat.HeaderSize || isNothing;
        bool followsNeighbour = number == 0 || EndOf(before.Value) == table.First;
        bool reachesNeighbour = number == Last ? EndOf(table) == source.Size || isNothing : EndOf(table) == after.Value.First;
        if (!followsRecords || !followsNeighbour || !reachesNeighbour)
            return CdbSource.Damaged;
        return new CdbTable(number, table, first.Value.First);
    }

    /// <summary>Reads a slot. EINVAL for content that no writer puts there.</summary>
    internal Result<CdbPair> ReadSlot<T>(ref T source, uint slot) where T : struct, ICdbSource
    {
        Result<CdbPair> entry = CdbSource.ReadPair(ref source, start + (ulong)slot * CdbFormat.PairSize);
        if (entry.Failed)
            return entry;
        CdbPair found = entry.Value;
        bool isSound = IsFree(found) ? found.First == 0 : CdbFormat.TableOf(found.First) == number && found.Second >= CdbFormat.HeaderSize;
        return isSound ? entry : CdbSource.Damaged;
    }

    /// <summary>Whether a slot holds no record.</summary>
    internal static bool IsFree(CdbPair slot) => slot.Second == 0;

    /// <summary>The record of a slot that isn't free. EINVAL if it doesn't end before the tables.</summary>
    internal Result<CdbRecord> ReadRecord<T>(ref T source, CdbPair slot) where T : struct, ICdbSource
    {
        Result<CdbRecord> record = CdbSource.ReadRecord(ref source, slot.Second);
        return record.Failed || record.Value.End <= recordsEnd ? record : CdbSource.Damaged;
    }

    private static ulong PairOffset(int number) => (ulong)number * CdbFormat.PairSize;

    private static ulong EndOf(CdbPair table) => table.First + (ulong)table.Second * CdbFormat.PairSize;

    private static Errno FirstError(Errno first, Errno second, Errno third, Errno fourth)
    {
        if (first.Failed)
            return first;
        if (second.Failed)
            return second;
        return third.Failed ? third : fourth;
    }
}
