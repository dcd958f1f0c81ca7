using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;

namespace LocalService.Posix;

/// <summary>
/// How a file of an environment directory becomes the value of a variable: the options of s6-envdir. Specification "conventions", section 6.
/// </summary>
internal struct EnvironmentFormat
{
    /// <summary>The bytes of a file that count in the standard format; the rest is ignored, as the format says.</summary>
    internal const int StandardLargestFile = 4095;

    // The kernel's limit on a single string, MAX_ARG_STRLEN of execve(2): a longer value can't be passed to any program.
    private const int LongestString = 128 * 1024;

    /// <summary>Whether the value is the whole file, without one newline at its end, instead of the first line.</summary>
    internal bool TakesWholeFile;

    /// <summary>Whether blanks at the end of the line stay, or the newline at the end of the file.</summary>
    internal bool KeepsEnd;

    /// <summary>Whether the bytes after the first 4095 count.</summary>
    internal bool HasNoLimit;

    /// <summary>The byte that replaces a NUL.</summary>
    internal byte Replacement;

    /// <summary>The first line, its NULs replaced by newlines, without the blanks at its end.</summary>
    internal static EnvironmentFormat Standard => new() { Replacement = (byte)'\n' };

    /// <summary>How much of a file is worth reading, in bytes.</summary>
    internal readonly int LargestFile => HasNoLimit ? LongestString : StandardLargestFile;

    /// <summary>Turns the content read from a file into its value, in place: both begin at the same byte.</summary>
    /// <returns>The length of the value; E2BIG when the content was cut off before its end.</returns>
    internal readonly Result<int> MakeValue(Span<byte> content)
    {
        int end = TakesWholeFile ? -1 : ((ReadOnlySpan<byte>)content).IndexOf((byte)'\n');
        if (end < 0 && content.Length == LongestString)
            return new Errno(libc.E2BIG);
        Span<byte> value = end < 0 ? content : content[..end];
        if (!KeepsEnd)
            value = TakesWholeFile ? WithoutNewline(value) : WithoutBlanks(value);
        foreach (ref byte character in value)
        {
            if (character == 0)
                character = Replacement;
        }
        return value.Length;
    }

    private static Span<byte> WithoutNewline(Span<byte> text) =>
        !text.IsEmpty && text[^1] == (byte)'\n' ? text[..^1] : text;

    private static Span<byte> WithoutBlanks(Span<byte> text)
    {
        while (!text.IsEmpty && text[^1] is (byte)' ' or (byte)'\t' or (byte)'\r')
            text = text[..^1];
        return text;
    }
}
