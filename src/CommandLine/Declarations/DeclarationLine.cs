using System;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.CommandLine;

/// <summary>
/// A line of a role's declaration, which is <see cref="IRole.Declaration"/>: an option or an operand.
/// <code>
/// -c --maximum-connections=maxconn  the meaning follows two blanks; it names the unit and the default
/// -d --rebind  an option that takes no argument
/// | -D --no-rebind  an alternative to the option of the line above
/// -0
/// path  an operand, whose form is that of usage lines: prog..., [ args... ]
/// </code>
/// Options come first, in the order of the usage line. An option that is only a letter is accepted and not shown: it no longer has an effect.
/// </summary>
internal readonly ref struct DeclarationLine
{
    // Where the long name begins, after "-c --".
    private const int LongNameStart = 5;

    private readonly ReadOnlySpan<byte> text;

    /// <param name="line">The line, without its newline.</param>
    internal DeclarationLine(ReadOnlySpan<byte> line)
    {
        IsAlternative = line.StartsWith("| "u8);
        text = IsAlternative ? line[2..] : line;
    }

    /// <summary>Whether it is an alternative to the line above.</summary>
    internal bool IsAlternative { get; }

    internal bool IsOption => text.Length > 1 && text[0] == (byte)'-';

    /// <summary>Whether usage and help show it.</summary>
    internal bool IsShown => text.Length > LongNameStart || !IsOption;

    /// <summary>The letter of an option; NUL, which no word contains, for an operand.</summary>
    internal byte Letter => IsOption ? text[1] : (byte)0;

    /// <summary>The long name of an option, without the dashes.</summary>
    internal ReadOnlySpan<byte> LongName
    {
        get
        {
            if (!IsOption || !IsShown)
                return default;
            ReadOnlySpan<byte> word = LongWord;
            int end = word.IndexOf((byte)'=');
            return end < 0 ? word : word[..end];
        }
    }

    /// <summary>The name of an option's argument; empty when it takes none.</summary>
    internal ReadOnlySpan<byte> Argument
    {
        get
        {
            if (!IsOption || !IsShown)
                return default;
            ReadOnlySpan<byte> word = LongWord;
            int start = word.IndexOf((byte)'=');
            return start < 0 ? default : word[(start + 1)..];
        }
    }

    /// <summary>Everything before the meaning; for an operand its form in usage lines.</summary>
    internal ReadOnlySpan<byte> Form => text[..FormLength];

    /// <summary>The meaning. Empty for a line that isn't shown.</summary>
    internal ReadOnlySpan<byte> Meaning
    {
        get
        {
            int start = FormLength + 2;
            return start > text.Length ? default : text[start..];
        }
    }

    // The long name and the rest of its word.
    private ReadOnlySpan<byte> LongWord
    {
        get
        {
            ReadOnlySpan<byte> rest = text[LongNameStart..];
            int end = rest.IndexOf((byte)' ');
            return end < 0 ? rest : rest[..end];
        }
    }

    private int FormLength
    {
        get
        {
            for (int i = 0; i + 1 < text.Length; i++)
            {
                if (text[i] == (byte)' ' && text[i + 1] == (byte)' ')
                    return i;
            }
            return text.Length;
        }
    }
}

/// <summary>The lines of a declaration, one after the other.</summary>
/// <param name="declaration">The text.</param>
internal ref struct DeclarationLines(ReadOnlySpan<byte> declaration)
{
    private ReadOnlySpan<byte> rest = declaration;

    internal DeclarationLine Current { get; private set; }

    internal bool MoveNext()
    {
        if (rest.IsEmpty)
            return false;
        int end = rest.IndexOf((byte)'\n');
        Current = new DeclarationLine(end < 0 ? rest : rest[..end]);
        rest = end < 0 ? default : rest[(end + 1)..];
        return true;
    }
}
