using System;
using LocalService.CommandLine;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Dns.Packets;

/// <summary>The data of records as text, in one line. Specification "dns", sections 4 and 4.1.</summary>
internal static class RecordText
{
    /// <summary>
    /// Adds the data of a record: its parts, separated by blanks. Data of unknown types, and addresses of a wrong length, are written as in RFC 3597,
    /// section 5: <c>\# LENGTH HEXADECIMAL</c>.
    /// </summary>
    internal static void Add(ref OutputText text, Record record)
    {
        ReadOnlySpan<byte> layout = RecordData.LayoutOf(record.Type);
        if (record.TryGetAddress(out IpAddress address))
        {
            text.Add(address);
            return;
        }
        if (layout.IsEmpty)
        {
            AddUnknown(ref text, record.Data);
            return;
        }
        int offset = 0;
        for (int i = 0; i < layout.Length; i++)
        {
            if (i > 0)
                text.Add(" "u8);
            int end = RecordData.EndOf(record, layout[i], offset);
            AddPart(ref text, record, layout[i], offset, end);
            offset = end;
        }
    }

    /// <summary>Adds a type: its name, or <c>TYPE</c> and its number (RFC 3597).</summary>
    internal static void AddType(ref OutputText text, ushort type)
    {
        ReadOnlySpan<byte> name = RecordType.NameOf(type);
        text.Add(name.IsEmpty ? "TYPE"u8 : name);
        if (name.IsEmpty)
            text.Add(type);
    }

    private static void AddUnknown(ref OutputText text, ReadOnlySpan<byte> data)
    {
        text.Add("\\# "u8);
        text.Add((ulong)data.Length);
        if (!data.IsEmpty)
            text.Add(" "u8);
        text.AddHexadecimal(data);
    }

    private static void AddPart(ref OutputText text, Record record, byte kind, int offset, int end)
    {
        ReadOnlySpan<byte> part = record.Data[offset..end];
        switch (kind)
        {
            case (byte)'n':
                DomainName name = default;
                _ = record.ReadName(offset, ref name);
                text.Add(name);
                break;
            case (byte)'s':
                AddEscaped(ref text, part[1..]);
                break;
            case (byte)'r':
                AddEscaped(ref text, part);
                break;
            case (byte)'t':
                AddStrings(ref text, part);
                break;
            default:
                text.Add(BigEndian.Read(part));
                break;
        }
    }

    /// <summary>Adds strings joined, in double quotes.</summary>
    private static void AddStrings(ref OutputText text, ReadOnlySpan<byte> strings)
    {
        text.Add("\""u8);
        while (!strings.IsEmpty)
        {
            int length = strings[0];
            AddEscaped(ref text, strings.Slice(1, length));
            strings = strings[(1 + length)..];
        }
        text.Add("\""u8);
    }

    private static void AddEscaped(ref OutputText text, ReadOnlySpan<byte> bytes)
    {
        foreach (byte character in bytes)
        {
            // From 7 to 13: bell, backspace, tab, newline, vertical tab, form feed, return.
            if (character is >= 7 and <= 13)
            {
                text.Add("\\"u8);
                text.Add("abtnvfr"u8.Slice(character - 7, 1));
            }
            else if (character is < (byte)' ' or > (byte)'~')
            {
                text.Add("\\0x"u8);
                text.AddHexadecimal(new ReadOnlySpan<byte>(in character));
            }
            else
            {
                if (character is (byte)'"' or (byte)'\\')
                    text.Add("\\"u8);
                text.Add(character);
            }
        }
    }
}
