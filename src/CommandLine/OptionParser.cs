using System;
using LocalService.Posix;

namespace LocalService.CommandLine;

/// <summary>
/// The usual options: single letters, clusters, attached and detached arguments, <c>--</c>, no permutation.
/// Specification "conventions", section 1.1.
/// </summary>
/// <param name="words">The command line, its first word being the name of the program.</param>
/// <param name="letters">The known letters; one that takes an argument is followed by a colon.</param>
internal unsafe ref struct OptionParser(Words words, ReadOnlySpan<byte> letters)
{
    /// <summary>What <see cref="Next"/> returns after the last option.</summary>
    internal const byte End = 0;

    /// <summary>What <see cref="Next"/> returns for an unknown letter or a missing argument.</summary>
    internal const byte Wrong = (byte)'?';

    private readonly ReadOnlySpan<byte> letters = letters;
    private int index = 1;
    private int offset;

    /// <summary>The argument of the option returned last; empty for one that takes none.</summary>
    internal readonly ReadOnlySpan<byte> Argument => ArgumentPointer == null ? default : Bytes.OfC(ArgumentPointer);

    /// <summary>The same as a C string, null for an option that takes none.</summary>
    internal byte* ArgumentPointer { get; private set; }

    /// <summary>The words that follow the options.</summary>
    internal readonly Words Rest => words.From(index);

    /// <summary>The letter of the next option, <see cref="End"/> or <see cref="Wrong"/>.</summary>
    internal byte Next()
    {
        ArgumentPointer = null;
        if (offset == 0 && !EnterWord())
            return End;
        ReadOnlySpan<byte> word = words[index];
        byte letter = word[offset++];
        int position = letter == (byte)':' ? -1 : letters.IndexOf(letter);
        if (position < 0)
            return Wrong;
        byte* attached = words.Pointer(index) + offset;
        if (*attached == 0)
            LeaveWord();
        bool takesArgument = position + 1 < letters.Length && letters[position + 1] == (byte)':';
        if (!takesArgument)
            return letter;
        if (*attached == 0)
        {
            if (index >= words.Count)
                return Wrong;
            attached = words.Pointer(index);
        }
        LeaveWord();
        ArgumentPointer = attached;
        return letter;
    }

    private bool EnterWord()
    {
        if (index >= words.Count)
            return false;
        ReadOnlySpan<byte> word = words[index];
        if (word.Length < 2 || word[0] != (byte)'-')
            return false;
        if (word.SameAs("--"u8))
        {
            index++;
            return false;
        }
        offset = 1;
        return true;
    }

    private void LeaveWord()
    {
        index++;
        offset = 0;
    }
}
