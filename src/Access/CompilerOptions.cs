using System;
using LocalService.CommandLine;
using LocalService.Posix;

namespace LocalService.Access;

/// <summary>
/// The command line of the rules compiler, which has a syntax of its own: <c>-m MODE</c>, <c>-mMODE</c> or <c>--mode=MODE</c>.
/// Specification "conventions", section 1.6.
/// </summary>
internal unsafe struct CompilerOptions
{
    private const uint LargestMode = 0xFFF; // 07777

    /// <summary>Whether the file gets the given mode instead of 0600 less the umask.</summary>
    internal bool HasMode { get; private set; }

    /// <summary>The mode, inode(7).</summary>
    internal uint Mode { get; private set; }

    /// <summary>The file to make and the directory to read.</summary>
    internal Words Operands { get; private set; }

    /// <summary>Parses the command line. On an error the message is written and an exit code other than 0 returned.</summary>
    internal static Outcome Parse(Words words, Diagnostics diagnostics, ReadOnlySpan<byte> usage, out CompilerOptions options)
    {
        options = default;
        int index = 1;
        while (index < words.Count)
        {
            ReadOnlySpan<byte> word = words[index];
            if (word.Length < 2 || word[0] != (byte)'-')
                break;
            index++;
            if (word.SameAs("--"u8))
                break;
            ReadOnlySpan<byte> mode;
            if (word.BeginsWith("--mode="u8))
            {
                mode = word["--mode="u8.Length..];
            }
            else if (word[1] == (byte)'-')
            {
                return RefuseLong(diagnostics, word);
            }
            else if (word[1] != (byte)'m')
            {
                return diagnostics.Fatal(ExitCode.Usage, "unrecognized short option: "u8, word.Slice(1, 1));
            }
            else if (word.Length > 2)
            {
                mode = word[2..];
            }
            else
            {
                // C takes a missing mode for no option at all and makes the file with other permissions than were asked for.
                if (index == words.Count || words[index].SameAs("--"u8))
                    return diagnostics.Usage(usage);
                mode = words[index++];
            }
            if (!Numbers.TryParseOctal(mode, out uint number))
                return diagnostics.Fatal(ExitCode.Usage, "mode needs to be an unsigned integer (in octal)"u8);
            options.HasMode = true;
            options.Mode = number & LargestMode;
        }
        options.Operands = words.From(index);
        return options.Operands.Count < 2 ? diagnostics.Usage(usage) : Outcome.Exit(ExitCode.Success);
    }

    private static Outcome RefuseLong(Diagnostics diagnostics, ReadOnlySpan<byte> word)
    {
        if (word.IndexOf((byte)'=') < 0)
            return diagnostics.Fatal(ExitCode.Usage, "unrecognized boolean option: "u8, word);
        return word.BeginsWith("--="u8)
            ? diagnostics.Fatal(ExitCode.Usage, "invalid option: "u8, word)
            : diagnostics.Fatal(ExitCode.Usage, "unrecognized option with argument: "u8, word);
    }
}
