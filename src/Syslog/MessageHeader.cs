using System;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Syslog;

/// <summary>
/// The fields between the priority and the text of a message: RFC 5424, section 6.2; or RFC 3164, section 4.1, as syslog(3) of the C libraries writes
/// it, without a host. A missing field is <c>-</c> or empty. If neither form matches, everything is text.
/// </summary>
internal ref struct MessageHeader
{
    private const int LengthOfOldTime = 15; // Mmm dd hh:mm:ss

    /// <summary>The time, as the sender wrote it.</summary>
    internal ReadOnlySpan<byte> Time;

    /// <summary>The machine.</summary>
    internal ReadOnlySpan<byte> Host;

    /// <summary>The program, as it calls itself.</summary>
    internal ReadOnlySpan<byte> Application;

    /// <summary>The process, as it calls itself.</summary>
    internal ReadOnlySpan<byte> Process;

    /// <summary>The kind of message.</summary>
    internal ReadOnlySpan<byte> MessageId;

    /// <summary>Structured data, brackets included.</summary>
    internal ReadOnlySpan<byte> Data;

    /// <summary>The rest.</summary>
    internal ReadOnlySpan<byte> Text;

    // The bytes that an RFC 5424 text in UTF-8 may begin with.
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Splits a message whose priority was removed.</summary>
    internal static MessageHeader Of(ReadOnlySpan<byte> message)
    {
        if (TryParse(message, out MessageHeader header) || TryParseOld(message, out header))
            return header;
        return new MessageHeader { Text = message };
    }

    /// <summary>RFC 5424: version 1, five words, structured data, text.</summary>
    private static bool TryParse(ReadOnlySpan<byte> rest, out MessageHeader header)
    {
        header = default;
        bool valid = TryTakeWord(ref rest, out ReadOnlySpan<byte> version)
            && version.SequenceEqual("1"u8)
            && TryTakeWord(ref rest, out header.Time)
            && TryTakeWord(ref rest, out header.Host)
            && TryTakeWord(ref rest, out header.Application)
            && TryTakeWord(ref rest, out header.Process)
            && TryTakeWord(ref rest, out header.MessageId);
        int length = valid ? LengthOfData(rest) : 0;
        if (length == 0 || (length < rest.Length && rest[length] != (byte)' '))
            return false;
        header.Data = rest[..length];
        header.Text = length < rest.Length ? rest[(length + 1)..] : default;
        if (header.Text.StartsWith(ByteOrderMark))
            header.Text = header.Text[ByteOrderMark.Length..];
        return true;
    }

    /// <summary>RFC 3164: time, perhaps a host, and a tag with a colon behind it. Without a tag only the time is a field.</summary>
    private static bool TryParseOld(ReadOnlySpan<byte> message, out MessageHeader header)
    {
        header = default;
        if (message.Length <= LengthOfOldTime || message[LengthOfOldTime] != (byte)' ' || !IsOldTime(message[..LengthOfOldTime]))
            return false;
        header.Time = message[..LengthOfOldTime];
        header.Text = message[(LengthOfOldTime + 1)..];
        ReadOnlySpan<byte> rest = header.Text;
        if (!header.TryTakeTag(rest) && TryTakeWord(ref rest, out ReadOnlySpan<byte> host) && header.TryTakeTag(rest))
            header.Host = host;
        return true;
    }

    /// <summary>Takes <c>NAME:</c> or <c>NAME[PROCESS]:</c>, and a blank behind it, off the beginning of the text.</summary>
    private bool TryTakeTag(ReadOnlySpan<byte> text)
    {
        int nameEnd = 0;
        while (nameEnd < text.Length && text[nameEnd] is not ((byte)' ' or (byte)':' or (byte)'['))
            nameEnd++;
        ReadOnlySpan<byte> process = default;
        int end = nameEnd;
        if (nameEnd < text.Length && text[nameEnd] == (byte)'[')
        {
            int length = text[nameEnd..].IndexOf((byte)']');
            if (length < 0)
                return false;
            process = text.Slice(nameEnd + 1, length - 1);
            end = nameEnd + length + 1;
        }
        if (nameEnd == 0 || end >= text.Length || text[end] != (byte)':')
            return false;
        Application = text[..nameEnd];
        Process = process;
        Text = text[(end + 1)..];
        if (!Text.IsEmpty && Text[0] == (byte)' ')
            Text = Text[1..];
        return true;
    }

    /// <summary>Takes a nonempty word and the blank behind it.</summary>
    private static bool TryTakeWord(scoped ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> word)
    {
        int end = rest.IndexOf((byte)' ');
        word = end <= 0 ? default : rest[..end];
        rest = end <= 0 ? rest : rest[(end + 1)..];
        return end > 0;
    }

    /// <summary>The length of structured data: <c>-</c>, or elements in brackets. 0 when there are none, or they don't end.</summary>
    private static int LengthOfData(ReadOnlySpan<byte> text)
    {
        if (!text.IsEmpty && text[0] == (byte)'-')
            return 1;
        int length = 0;
        bool quoted = false;
        for (int i = 0; i < text.Length; i++)
        {
            if (i == length && text[i] != (byte)'[')
                return length;
            if (quoted && text[i] == (byte)'\\')
                i++;
            else if (text[i] == (byte)'"')
                quoted = !quoted;
            else if (text[i] == (byte)']' && !quoted)
                length = i + 1;
        }
        return length == text.Length ? length : 0;
    }

    /// <summary>Whether a text is a time like <c>Nov 21 23:28:26</c>: 15 bytes.</summary>
    private static bool IsOldTime(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> form = "Aaa 90 90:90:90"u8;
        for (int i = 0; i < LengthOfOldTime; i++)
        {
            bool isDigit = text[i] is >= (byte)'0' and <= (byte)'9';
            bool fits = form[i] switch
            {
                (byte)'A' => text[i] is >= (byte)'A' and <= (byte)'Z',
                (byte)'a' => text[i] is >= (byte)'a' and <= (byte)'z',
                (byte)'9' => isDigit || text[i] == (byte)' ',
                (byte)'0' => isDigit,
                _ => text[i] == form[i],
            };
            if (!fits)
                return false;
        }
        return true;
    }
}
