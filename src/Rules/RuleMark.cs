using System;
using LocalService.Memory;

namespace LocalService.Rules;

/// <summary>
/// The mark in a database that there may be rules of a kind for which the kernel has to be asked about clients: a record under a key that no rule can
/// have. Databases of other compilers have no mark, and such rules don't count there. C never looks it up, and its decompiler takes it for a rule
/// with a hidden name, like <see cref="RuleChecksums"/>.
/// </summary>
internal static class RuleMark
{
    /// <summary>The data of the record: a type that no rule has.</summary>
    internal static ReadOnlySpan<byte> Data => "K"u8;

    /// <summary>The key of the mark of a kind; empty for a kind that has none.</summary>
    internal static ReadOnlySpan<byte> KeyOf(ReadOnlySpan<byte> kind)
    {
        if (kind.SequenceEqual(PeerKeys.GroupKind))
            return ".group"u8;
        return kind.SequenceEqual(PeerKeys.LabelKind) ? ".label"u8 : default;
    }

    /// <summary>The kind that a key is the mark of; empty for any other key.</summary>
    internal static ReadOnlySpan<byte> KindOf(ReadOnlySpan<byte> key) =>
        !key.IsEmpty && key.SequenceEqual(KeyOf(key[1..])) ? key[1..] : default;
}
