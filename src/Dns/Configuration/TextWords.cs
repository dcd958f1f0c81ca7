using System;
using LocalService.Memory;

namespace LocalService.Dns.Configuration;

/// <summary>Splits a text at separators; several in a row count as one.</summary>
/// <param name="text">The text.</param>
/// <param name="separators">Each of these bytes is a separator.</param>
internal ref struct TextWords(ReadOnlySpan<byte> text, ReadOnlySpan<byte> separators)
{
    private readonly ReadOnlySpan<byte> separators = separators;
    private ReadOnlySpan<byte> rest = text;

    /// <summary>What separates the words of a line.</summary>
    internal static ReadOnlySpan<byte> Blanks => " \t\r\n"u8;

    /// <summary>The next word; false after the last one.</summary>
    internal bool Next(out ReadOnlySpan<byte> word)
    {
        int start = 0;
        while (start < rest.Length && separators.IndexOf(rest[start]) >= 0)
            start++;
        int end = start;
        while (end < rest.Length && separators.IndexOf(rest[end]) < 0)
            end++;
        word = rest[start..end];
        rest = rest[end..];
        return !word.IsEmpty;
    }

    /// <summary>Takes the first line off a text, without its newline. False when the text is empty.</summary>
    internal static bool TakeLine(scoped ref ReadOnlySpan<byte> text, out ReadOnlySpan<byte> line)
    {
        int end = text.IndexOf((byte)'\n');
        line = end < 0 ? text : text[..end];
        bool found = !text.IsEmpty;
        text = end < 0 ? default : text[(end + 1)..];
        return found;
    }

    /// <summary>The text in front of the first <c>#</c> or <c>;</c>.</summary>
    internal static ReadOnlySpan<byte> WithoutComment(ReadOnlySpan<byte> line)
    {
        int end = 0;
        while (end < line.Length && line[end] is not ((byte)'#' or (byte)';'))
            end++;
        return line[..end];
    }
}
