using System;
using LocalService.Cdb;
using LocalService.Errors;
using LocalService.Memory;
using LocalService.Posix;
using LocalService.Rules;

namespace LocalService.Access;

/// <summary>
/// A rule as a database stores it, checked in full: the key and the names of variables are safe as file names and can't leave their
/// directory (decision 6).
/// </summary>
internal readonly ref struct StoredRule
{
    /// <summary>Two file names with a slash between them.</summary>
    internal const int LongestKey = 511;
    private const int ShortestWithContents = 3;

    private readonly byte type;

    private StoredRule(ReadOnlySpan<byte> key, byte type, RuleRecord record)
    {
        Key = key;
        this.type = type;
        Edits = record.Edits;
        Script = record.Script;
    }

    internal ReadOnlySpan<byte> Key { get; }
    internal ReadOnlySpan<byte> Edits { get; }
    internal ReadOnlySpan<byte> Script { get; }
    internal bool IsAllow => type == RuleRecord.Allow;

    /// <summary>Reads the key and the data of a record.</summary>
    /// <param name="source">The database.</param>
    /// <param name="record">Where the record is.</param>
    /// <param name="rule">The rule, valid until the source is used again.</param>
    /// <param name="error">Why the record can't be read, if reading failed.</param>
    /// <returns>False if the record can't be read or isn't a rule.</returns>
    internal static bool Read<T>(ref T source, CdbRecord record, out StoredRule rule, out Errno error) where T : struct, ICdbSource
    {
        rule = default;
        error = default;
        if (record.KeyLength > LongestKey || record.DataLength > RuleRecord.LargestSize)
            return false;
        var keyLength = (int)record.KeyLength;
        error = source.View(record.KeyOffset, keyLength + (int)record.DataLength, out ReadOnlySpan<byte> bytes);
        return !error.Failed && TryParse(bytes[..keyLength], bytes[keyLength..], out rule);
    }

    /// <summary>
    /// Parses a record. A denial may have no contents. Data of a type other than allow and deny isn't a rule.
    /// </summary>
    internal static bool TryParse(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, out StoredRule rule)
    {
        rule = default;
        if (!IsValidKey(key) || data.IsEmpty || data[0] is not (RuleRecord.Allow or RuleRecord.Deny))
            return false;
        RuleRecord record = default;
        bool hasContents = data[0] == RuleRecord.Allow || data.Length >= ShortestWithContents;
        if (hasContents && !RuleRecord.TryParse(data[1..], out record))
            return false;
        rule = new StoredRule(key, data[0], record);
        return HasValidNames(record.Edits);
    }

    /// <summary>Whether a key is two file names with a slash between them.</summary>
    internal static bool IsValidKey(ReadOnlySpan<byte> key)
    {
        int slash = key.IndexOf((byte)'/');
        return slash >= 0 && IsFileName(key[..slash]) && IsFileName(key[(slash + 1)..]);
    }

    /// <summary>
    /// Whether a name is valid for a file, and is one that the toolkit reads back: names that start with a dot are skipped.
    /// </summary>
    internal static bool IsFileName(ReadOnlySpan<byte> name) =>
        !name.IsEmpty && name[0] != (byte)'.' && name.IndexOf((byte)'/') < 0 && name.IndexOf((byte)0) < 0;

    private static bool HasValidNames(ReadOnlySpan<byte> bytes)
    {
        var edits = new Edits(bytes);
        while (edits.MoveNext())
        {
            if (!IsFileName(edits.Name))
                return false;
        }
        return true;
    }
}
