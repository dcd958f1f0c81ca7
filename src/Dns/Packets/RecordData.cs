using System;

namespace LocalService.Dns.Packets;

/// <summary>
/// The layout of the data of records, for the known types. Each layout is a row of letters: <c>n</c> a name, <c>s</c> a string behind its length,
/// <c>t</c> any number of strings up to the end, <c>r</c> the rest, whatever it is, a digit that many bytes.
/// </summary>
internal static class RecordData
{
    /// <summary>The layout of the data of a type; empty when the type isn't known, or may have any data.</summary>
    internal static ReadOnlySpan<byte> LayoutOf(ushort type) => type switch
    {
        RecordType.NS or RecordType.CNAME or RecordType.PTR or RecordType.DNAME => "n"u8,
        RecordType.MX => "2n"u8,
        RecordType.SOA => "nn44444"u8,
        RecordType.SRV => "222n"u8,
        RecordType.RP => "nn"u8,
        RecordType.TXT => "t"u8,
        RecordType.HINFO => "ss"u8,
        RecordType.CAA => "1sr"u8,
        _ => default,
    };

    /// <summary>
    /// Whether the data match the layout and end where they should. An address of a wrong length isn't malformed, it just isn't an address: <see
    /// cref="Record.TryGetAddress"/>.
    /// </summary>
    internal static bool IsSound(scoped Record record)
    {
        ReadOnlySpan<byte> layout = LayoutOf(record.Type);
        int length = record.Data.Length;
        int offset = 0;
        for (int i = 0; i < layout.Length; i++)
        {
            offset = EndOf(record, layout[i], offset);
            if (offset < 0)
                return false;
        }
        return layout.IsEmpty || offset == length;
    }

    /// <summary>The offset behind a part that begins at an offset; -1 when the data are too short for it.</summary>
    internal static int EndOf(scoped Record record, byte kind, int offset)
    {
        ReadOnlySpan<byte> data = record.Data;
        int end = offset;
        switch (kind)
        {
            case (byte)'n':
                DomainName name = default;
                end = record.ReadName(offset, ref name);
                break;
            case (byte)'s':
                end = EndOfString(data, offset);
                break;
            case (byte)'t':
                while (end >= 0 && end < data.Length)
                    end = EndOfString(data, end);
                break;
            case (byte)'r':
                end = data.Length;
                break;
            default:
                end = offset + kind - '0';
                break;
        }
        return end <= data.Length ? end : -1;
    }

    private static int EndOfString(ReadOnlySpan<byte> data, int offset)
    {
        if (offset >= data.Length)
            return -1;
        int end = offset + 1 + data[offset];
        return end <= data.Length ? end : -1;
    }
}
