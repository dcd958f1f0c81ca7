using System;
using LocalService.Dns.Packets;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Dns.Filters;

/// <summary>
/// The parts of a line that a filter reads: the word to look up, the one byte after it, and the rest. Specification "dns", section 3.1.
/// </summary>
internal readonly ref struct FilterLine
{
    internal FilterLine(ReadOnlySpan<byte> line, int wordLength)
    {
        Word = line[..wordLength];
        ReadOnlySpan<byte> behind = line[wordLength..];
        Delimiter = behind.IsEmpty ? default : behind[..1];
        Rest = behind.IsEmpty ? default : behind[1..];
    }

    internal ReadOnlySpan<byte> Word { get; }

    internal ReadOnlySpan<byte> Delimiter { get; }

    internal ReadOnlySpan<byte> Rest { get; }

    /// <summary>The length of the word that begins a line: up to a blank, a tab or a carriage return.</summary>
    internal static int LengthOfWord(ReadOnlySpan<byte> line)
    {
        int length = 0;
        while (length < line.Length && line[length] is not ((byte)' ' or (byte)'\t' or (byte)'\r'))
            length++;
        return length;
    }

    /// <summary>
    /// The length of the address that begins a line; 0 when there is none. Any byte may follow that couldn't be part of the address.
    /// </summary>
    internal static int LengthOfAddress(ReadOnlySpan<byte> line, out IpAddress address)
    {
        int length = IpAddressText.ParsePrefix(line, out address);
        if (length == 0 || length == line.Length)
            return length;
        byte next = line[length];
        bool couldBelong = next is >= (byte)'0' and <= (byte)'9' or (byte)'.' || (next | 0x20) is >= (byte)'a' and <= (byte)'z';
        // A port may follow an IPv4 address.
        couldBelong |= next == (byte)':' && !address.IsV4;
        return couldBelong ? 0 : length;
    }
}

/// <summary>
/// The format of a line of output: <c>%s</c> the word, <c>%w</c> the byte after it, <c>%r</c> the rest, <c>%d</c> the first record and <c>%n</c> all
/// of them, or <c>%e</c> the error, <c>%%</c> a percent sign. Specification "dns", section 3.1, with B15.
/// </summary>
internal static class FilterFormat
{
    /// <summary>The default format for records.</summary>
    internal static ReadOnlySpan<byte> Usual => "%s=%d%w%r"u8;

    /// <summary>The default format for errors.</summary>
    internal static ReadOnlySpan<byte> UsualError => "%s=<%e>%w%r"u8;

    /// <summary>The letters of a format for records.</summary>
    internal static ReadOnlySpan<byte> Letters => "swrdn%"u8;

    /// <summary>The letters of a format for errors.</summary>
    internal static ReadOnlySpan<byte> ErrorLetters => "swre%"u8;

    /// <summary>Whether a format has only these letters behind its percent signs.</summary>
    internal static bool IsValid(ReadOnlySpan<byte> format, ReadOnlySpan<byte> letters)
    {
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] == (byte)'%' && (++i == format.Length || letters.IndexOf(format[i]) < 0))
                return false;
        }
        return true;
    }

    /// <summary>Adds a line in a format.</summary>
    /// <param name="text">The output.</param>
    /// <param name="format">The format.</param>
    /// <param name="line">The line.</param>
    /// <param name="records">The records, separated by commas, or the error.</param>
    internal static void Add(ref OutputText text, ReadOnlySpan<byte> format, FilterLine line, ReadOnlySpan<byte> records)
    {
        while (!format.IsEmpty)
        {
            int percent = format.IndexOf((byte)'%');
            text.Add(percent < 0 ? format : format[..percent]);
            if (percent < 0)
                break;
            text.Add(format[percent + 1] switch
            {
                (byte)'s' => line.Word,
                (byte)'w' => line.Delimiter,
                (byte)'r' => line.Rest,
                (byte)'d' => FirstOf(records),
                (byte)'n' or (byte)'e' => records,
                _ => "%"u8,
            });
            format = format[(percent + 2)..];
        }
        text.Add("\n"u8);
    }

    // A comma in a name has a backslash in front of it.
    private static ReadOnlySpan<byte> FirstOf(ReadOnlySpan<byte> records)
    {
        for (int i = 1; i < records.Length; i++)
        {
            if (records[i] == (byte)',' && records[i - 1] != (byte)'\\')
                return records[..i];
        }
        return records;
    }
}
