using System;
using LocalService.CommandLine;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.FdHolder;

/// <summary>The meaning of a variable of a dump.</summary>
internal enum DumpVariableKind
{
    /// <summary><c>S6_FD#</c>, the number of entries.</summary>
    Count,

    /// <summary><c>S6_FD_i</c>, the descriptor.</summary>
    Descriptor,

    /// <summary><c>S6_FDID_i</c>, the name that it is held under.</summary>
    Name,

    /// <summary><c>S6_FDLIMIT_i</c>, the date of expiry; unset: never.</summary>
    Expiry,
}

/// <summary>A variable of the environment that describes a dump. Specification "fdholder", section 7.</summary>
/// <param name="kind">Its meaning.</param>
/// <param name="index">Which entry it is about, from 0 on.</param>
internal readonly struct DumpVariable(DumpVariableKind kind, uint index = 0)
{
    /// <summary>How many kinds there are.</summary>
    internal const int Kinds = 4;

    /// <summary>The buffer size that holds any name.</summary>
    internal const int LongestName = 40;

    internal DumpVariableKind Kind { get; } = kind;

    internal uint Index { get; } = index;

    /// <summary>Writes the name to the buffer.</summary>
    internal ReadOnlySpan<byte> Name(Span<byte> buffer)
    {
        var line = new Line(-1, buffer);
        line.Add(Prefix(Kind));
        if (Kind != DumpVariableKind.Count)
            line.Add(Index);
        return buffer[..line.Text.Length];
    }

    /// <summary>Recognizes an entry <c>NAME=VALUE</c> of an environment.</summary>
    internal static bool TryRecognize(ReadOnlySpan<byte> entry, out DumpVariable variable, out ReadOnlySpan<byte> value)
    {
        variable = default;
        int separator = entry.IndexOf((byte)'=');
        value = separator < 0 ? default : entry[(separator + 1)..];
        ReadOnlySpan<byte> name = separator < 0 ? default : entry[..separator];
        for (int i = 0; i < Kinds; i++)
        {
            ReadOnlySpan<byte> prefix = Prefix((DumpVariableKind)i);
            if (!name.StartsWith(prefix))
                continue;
            ReadOnlySpan<byte> number = name[prefix.Length..];
            // A number has no leading zeros: 01 is another variable than 1.
            bool isNumber = Numbers.TryParse(number, out uint index) && (number.Length == 1 || number[0] != (byte)'0');
            variable = new DumpVariable((DumpVariableKind)i, index);
            return i == (int)DumpVariableKind.Count ? number.IsEmpty : isNumber;
        }
        return false;
    }

    private static ReadOnlySpan<byte> Prefix(DumpVariableKind kind) => kind switch
    {
        DumpVariableKind.Count => "S6_FD#"u8,
        DumpVariableKind.Descriptor => "S6_FD_"u8,
        DumpVariableKind.Name => "S6_FDID_"u8,
        _ => "S6_FDLIMIT_"u8,
    };
}
