using System;
using LocalService.Cdb;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Rules;

/// <summary>
/// Checksums of a database of rules: its last record, under a key that no rule can have. The part in front of that record is divided into blocks,
/// each with its own sum, so that a look-up reads and checks only the blocks that its rule is in. Databases of other compilers have no checksums. C
/// takes the record for one of an unknown type whose contents are a script, and its decompiler takes it for a rule with a hidden name.
/// </summary>
/// <remarks>
/// The data: the type, the length of the edits (none) and that of the rest, as in a rule; then the size of a block and the sums, each 32
/// bits, big-endian. A sum is the cdb hash of the bytes: it differs whenever one byte does.
/// </remarks>
internal readonly struct RuleChecksums
{
    private const byte Type = (byte)'C';
    private const int HeadSize = 5;
    private const int NumberSize = sizeof(uint);
    private const uint SmallestBlock = 64;
    private const int MostBlocks = Allowance.LongestScript / NumberSize - 1;

    private readonly ulong end; // of the blocks
    private readonly ulong sums;
    private readonly uint blockSize; // 0 without checksums

    private RuleChecksums(ulong end, ulong sums, uint blockSize)
    {
        this.end = end;
        this.sums = sums;
        this.blockSize = blockSize;
    }

    /// <summary>The key of the record. No name of a rule starts with a dot.</summary>
    internal static ReadOnlySpan<byte> Key => ".check"u8;

    /// <summary>Finds the checksums of a database; the result checks nothing when there are none.</summary>
    internal static Result<RuleChecksums> Of<T>(ref T source) where T : struct, ICdbSource
    {
        Result<CdbRecord> found = CdbLookup.Find(ref source, Key);
        if (found.Error.Is(libc.ENOENT))
            return default(RuleChecksums);
        if (found.Failed)
            return found.Error;
        CdbRecord record = found.Value;
        Result<CdbPair> records = CdbSource.ReadPair(ref source, 0);
        if (records.Failed)
            return records.Error;
        Errno error = source.View(record.DataOffset, HeadSize + NumberSize, out ReadOnlySpan<byte> head);
        if (error.Failed)
            return error;
        var blockSize = (uint)BigEndian.Read(head.Slice(HeadSize, NumberSize));
        ulong contents = BigEndian.Read(head[3..HeadSize]);
        bool isSound = head[0] == Type && head[1] == 0 && head[2] == 0 && blockSize > 0
            && record.End == records.Value.First
            && record.DataLength == HeadSize + contents
            && contents == NumberSize * (1 + CountBlocks(record.Start - CdbFormat.HeaderSize, blockSize));
        return isSound
            ? new RuleChecksums(record.Start, record.DataOffset + HeadSize + NumberSize, blockSize)
            : CdbSource.Damaged;
    }

    /// <summary>Checks the blocks that a record is in. EINVAL when one differs from what was written.</summary>
    internal Errno Verify<T>(ref T source, CdbRecord record) where T : struct, ICdbSource => Verify(ref source, record.Start, record.End);

    /// <summary>Checks all blocks.</summary>
    internal Errno VerifyAll<T>(ref T source) where T : struct, ICdbSource => Verify(ref source, CdbFormat.HeaderSize, end);

    /// <summary>Adds the checksums to a database that has all its records. One without records needs none.</summary>
    /// <param name="database">The database.</param>
    /// <param name="buffer">Memory for the record.</param>
    internal static Errno Add(ref CdbWriter database, ref ByteBuffer buffer)
    {
        ulong length = (ulong)database.Position - CdbFormat.HeaderSize;
        if (length == 0)
            return default;
        ulong blockSize = CountBlocks(length, MostBlocks);
        if (blockSize < SmallestBlock)
            blockSize = SmallestBlock;
        ulong blocks = CountBlocks(length, blockSize);
        buffer.Clear();
        Errno error = buffer.Extend(HeadSize + (NumberSize * (1 + (int)blocks)));
        if (error.Failed)
            return error;
        Span<byte> data = buffer.Content;
        data[0] = Type;
        BigEndian.Write(data[1..3], 0);
        BigEndian.Write(data[3..HeadSize], (ulong)(data.Length - HeadSize));
        Span<byte> numbers = data[HeadSize..];
        BigEndian.Write(numbers[..NumberSize], blockSize);
        for (ulong block = 0; block < blocks; block++)
        {
            numbers = numbers[NumberSize..];
            ulong start = block * blockSize;
            ulong size = start + blockSize < length ? blockSize : length - start;
            Result<uint> sum = database.HashOf((long)(CdbFormat.HeaderSize + start), (long)size);
            if (sum.Failed)
                return sum.Error;
            BigEndian.Write(numbers[..NumberSize], sum.Value);
        }
        return database.Add(Key, data);
    }

    private Errno Verify<T>(ref T source, ulong from, ulong to) where T : struct, ICdbSource
    {
        if (blockSize == 0)
            return default;
        if (from < CdbFormat.HeaderSize || to > end)
            return CdbSource.Damaged;
        for (ulong block = (from - CdbFormat.HeaderSize) / blockSize; ; block++)
        {
            ulong start = CdbFormat.HeaderSize + (block * blockSize);
            if (start >= to)
                return default;
            ulong size = start + blockSize < end ? blockSize : end - start;
            Errno error = source.View(sums + (block * NumberSize), NumberSize, out ReadOnlySpan<byte> number);
            if (error.Failed)
                return error;
            var expected = (uint)BigEndian.Read(number);
            Result<uint> actual = CdbSource.Hash(ref source, start, size);
            if (actual.Failed)
                return actual.Error;
            if (actual.Value != expected)
                return CdbSource.Damaged;
        }
    }

    private static ulong CountBlocks(ulong length, ulong blockSize) => (length + blockSize - 1) / blockSize;
}
