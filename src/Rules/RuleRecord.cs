using System;
using LocalService.Errors;
using LocalService.Memory;

namespace LocalService.Rules;

/// <summary>
/// The data of a rule in a database: <c>D</c>, or <c>A</c>, the length of the edits, the edits, the length of the script, the script.
/// The lengths are 16 bits, big-endian. Specification "access", section 4.2.
/// </summary>
internal readonly ref struct RuleRecord
{
    internal const byte Allow = (byte)'A';
    internal const byte Deny = (byte)'D';

    /// <summary>The largest sum of all edits with their NULs, in bytes.</summary>
    internal const int LargestEdits = 4096;

    /// <summary>The largest record, in bytes.</summary>
    internal const int LargestSize = 1 + LengthSize + LargestEdits + LengthSize + Allowance.LongestScript;

    private const int LengthSize = 2;

    private RuleRecord(ReadOnlySpan<byte> edits, ReadOnlySpan<byte> script)
    {
        Edits = edits;
        Script = script;
    }

    internal ReadOnlySpan<byte> Edits { get; }
    internal ReadOnlySpan<byte> Script { get; }

    /// <summary>
    /// Parses the data after the first byte of a record. False when the lengths don't fit exactly, exceed their limits, or the edits are invalid.
    /// </summary>
    internal static bool TryParse(ReadOnlySpan<byte> contents, out RuleRecord record)
    {
        record = default;
        if (!TryTake(ref contents, LargestEdits, out ReadOnlySpan<byte> edits)
            || !TryTake(ref contents, Allowance.LongestScript, out ReadOnlySpan<byte> script))
            return false;
        record = new RuleRecord(edits, script);
        return contents.IsEmpty && Rules.Edits.AreValid(edits);
    }

    /// <summary>Writes an allow record. The parts must be within the limits.</summary>
    internal static Errno WriteAllow(ref ByteBuffer target, ReadOnlySpan<byte> edits, ReadOnlySpan<byte> script)
    {
        return target.Add(Allow) && AddPart(ref target, edits) && AddPart(ref target, script);
    }

    private static bool TryTake(scoped ref ReadOnlySpan<byte> rest, int limit, out ReadOnlySpan<byte> part)
    {
        part = default;
        if (rest.Length < LengthSize)
            return false;
        int length = (int)BigEndian.Read(rest[..LengthSize]);
        rest = rest[LengthSize..];
        if (length > limit || length > rest.Length)
            return false;
        part = rest[..length];
        rest = rest[length..];
        return true;
    }

    private static Errno AddPart(ref ByteBuffer target, ReadOnlySpan<byte> part)
    {
        return target.Add((byte)(part.Length >> 8)) && target.Add((byte)part.Length) && target.Add(part);
    }
}
