using System;
using LocalService.Memory;

namespace LocalService.CommandLine;

/// <summary>JSON text (RFC 8259), for programs that read the output of a role.</summary>
internal static class JsonText
{
    /// <summary>
    /// Adds a string in quotation marks. The encoding of bytes above 127 is unknown: each becomes the character with that number, so that no byte
    /// is lost.
    /// </summary>
    internal static void AddString(ref Line line, scoped ReadOnlySpan<byte> text)
    {
        line.Add("\""u8);
        foreach (byte character in text)
        {
            if (character is (byte)'"' or (byte)'\\')
                line.Add("\\"u8, [character]);
            else if (character is >= (byte)' ' and < 127)
                line.Add([character]);
            else
            {
                line.Add("\\u00"u8, [HexDigit.Of(character >> 4)]);
                line.Add([HexDigit.Of(character & 15)]);
            }
        }
        line.Add("\""u8);
    }

    /// <summary>Adds <c>"name": </c>, with a comma before all members of an object but the first.</summary>
    internal static void AddName(ref Line line, ref bool isFirst, ReadOnlySpan<byte> name)
    {
        AddComma(ref line, ref isFirst);
        AddString(ref line, name);
        line.Add(": "u8);
    }

    /// <summary>Adds a comma before all elements but the first.</summary>
    internal static void AddComma(ref Line line, ref bool isFirst)
    {
        if (!isFirst)
            line.Add(", "u8);
        isFirst = false;
    }

    /// <summary>Adds a member whose value is a string.</summary>
    internal static void AddMember(ref Line line, ref bool isFirst, ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> text)
    {
        AddName(ref line, ref isFirst, name);
        AddString(ref line, text);
    }

    /// <summary>Adds a member whose value is a number.</summary>
    internal static void AddMember(ref Line line, ref bool isFirst, ReadOnlySpan<byte> name, ulong number)
    {
        AddName(ref line, ref isFirst, name);
        line.Add(number);
    }
}
