using System;
using LocalService.Posix;

namespace LocalService.CommandLine;

/// <summary>
/// A block of words in a command line, as execlineb(1) writes it: each word with a blank in front, and an empty word after the last one.
/// Specification "ftrig", section 3.
/// </summary>
internal static class WordBlock
{
    private const byte Quote = (byte)' ';

    /// <summary>
    /// Finds the block that a command line begins with. A word without the blank is taken as it is; EXECLINE_STRICT=1 gives a warning about it, a
    /// higher value makes it an error.
    /// </summary>
    /// <param name="words">The command line.</param>
    /// <param name="environment">The environment.</param>
    /// <param name="diagnostics">For messages.</param>
    /// <param name="count">The number of words in the block: all words, if it has no end.</param>
    internal static Outcome Read(Words words, EnvironmentBlock environment, Diagnostics diagnostics, out int count)
    {
        bool isStrict = environment.TryGet("EXECLINE_STRICT"u8, out ReadOnlySpan<byte> strictness);
        uint level = 0;
        if (isStrict && !Numbers.TryParse(strictness, out level))
            level = 0;
        Span<byte> digits = stackalloc byte[Numbers.LongestText];
        for (count = 0; count < words.Count; count++)
        {
            ReadOnlySpan<byte> word = words[count];
            if (word.IsEmpty)
                return Outcome.Exit(ExitCode.Success);
            if (word[0] == Quote || level == 0)
                continue;
            ReadOnlySpan<byte> position = Numbers.Decimal((ulong)count, digits);
            if (level > 1)
                return diagnostics.Fatal(ExitCode.Usage, "unquoted argument "u8, word, " at block 1 position "u8, position);
            diagnostics.Warning("unquoted argument "u8, word, " at block 1 position "u8, position);
        }
        return Outcome.Exit(ExitCode.Success);
    }

    /// <summary>A word of the block without the blank in front.</summary>
    internal static ReadOnlySpan<byte> Unquoted(ReadOnlySpan<byte> word) => !word.IsEmpty && word[0] == Quote ? word[1..] : word;
}
