using System;

namespace LocalService.Cdb;

/// <summary>
/// The constant database format: 256 pairs (position, slots) of hash tables, the records, the tables. Numbers are 32 bits,
/// little-endian. Specification "access", section 4.1.
/// </summary>
internal static class CdbFormat
{
    internal const int Tables = 256;

    /// <summary>The size of a pair, of a slot and of the head of a record: two numbers.</summary>
    internal const int PairSize = 8;

    /// <summary>The size of the pairs in front of the records, and so of the smallest database.</summary>
    internal const int HeaderSize = Tables * PairSize;

    /// <summary>The largest file that the numbers can address.</summary>
    internal const long LargestFile = uint.MaxValue;

    /// <summary>The hash of no bytes.</summary>
    internal const uint EmptyHash = 5381;

    /// <summary>
    /// The hash of a key. Two keys that differ in one byte always have different hashes: the bytes that follow can't undo a difference.
    /// </summary>
    internal static uint Hash(ReadOnlySpan<byte> key) => Hash(key, EmptyHash);

    /// <summary>The hash of bytes that follow other bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="hash">The hash of the bytes before them.</param>
    internal static uint Hash(ReadOnlySpan<byte> bytes, uint hash)
    {
        foreach (byte character in bytes)
            hash = unchecked(hash * 33) ^ character;
        return hash;
    }

    /// <summary>The table for keys with a hash.</summary>
    internal static int TableOf(uint hash) => (int)(hash % Tables);

    /// <summary>The slot where the search for a hash starts.</summary>
    internal static uint FirstSlot(uint hash, uint slots) => hash / Tables % slots;

    internal static CdbPair ReadPair(ReadOnlySpan<byte> bytes) => new(Read(bytes), Read(bytes[4..]));

    internal static void WritePair(Span<byte> bytes, CdbPair pair)
    {
        Write(bytes, pair.First);
        Write(bytes[4..], pair.Second);
    }

    private static uint Read(ReadOnlySpan<byte> bytes) =>
        bytes[0] | (uint)bytes[1] << 8 | (uint)bytes[2] << 16 | (uint)bytes[3] << 24;

    private static void Write(Span<byte> bytes, uint number)
    {
        bytes[0] = (byte)number;
        bytes[1] = (byte)(number >> 8);
        bytes[2] = (byte)(number >> 16);
        bytes[3] = (byte)(number >> 24);
    }
}

/// <summary>
/// Two adjacent numbers: position and number of slots of a table, hash and record position in a slot, lengths of key
/// and data in the head of a record.
/// </summary>
internal readonly struct CdbPair(uint first, uint second)
{
    internal uint First { get; } = first;
    internal uint Second { get; } = second;
}

/// <summary>The positions of a record's parts. Reading them checks whether they are inside the database.</summary>
internal readonly struct CdbRecord(ulong position, CdbPair lengths)
{
    internal ulong Start { get; } = position;
    internal ulong KeyOffset => Start + CdbFormat.PairSize;
    internal uint KeyLength { get; } = lengths.First;
    internal ulong DataOffset => KeyOffset + KeyLength;
    internal uint DataLength { get; } = lengths.Second;

    /// <summary>Where the next record starts.</summary>
    internal ulong End => DataOffset + DataLength;
}
