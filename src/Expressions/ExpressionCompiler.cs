using System;

namespace LocalService.Expressions;

/// <summary>Translates an expression into a program; the syntax is described at <see cref="Expression"/>.</summary>
internal ref struct ExpressionCompiler(ReadOnlySpan<byte> text, Span<int> program)
{
    // The parser recurses for a group.
    private const int DeepestGroup = 250;

    // RE_DUP_MAX of the GNU C library. The length of the program limits repeats anyway.
    private const int MostRepeats = 32767;

    private const int NoNumber = -1;

    private readonly ReadOnlySpan<byte> text = text;
    private ProgramWriter writer = new(program);
    private ExpressionError error;
    private int position;

    private readonly bool AtEnd => position == text.Length;

    /// <summary>The length of the program.</summary>
    internal readonly int Length => writer.Length;

    /// <summary>Translates the text.</summary>
    internal ExpressionError Compile()
    {
        Alternatives(depth: 0);
        writer.Add(Operation.Match);
        // If the program was too long, words were left out, but an error found after that is still reported.
        return error == ExpressionError.None && writer.IsFull ? ExpressionError.TooBig : error;
    }

    private void Alternatives(int depth)
    {
        int branch = writer.Length;
        int pending = 0;
        while (!AtEnd && !(depth > 0 && text[position] == (byte)')'))
        {
            if (text[position] != (byte)'|')
            {
                Piece(depth);
                continue;
            }
            position++;
            writer.EndBranch(branch, ref pending);
            branch = writer.Length;
        }
        writer.EndBranches(pending);
    }

    private void Piece(int depth)
    {
        int start = writer.Length;
        byte first = text[position++];
        switch (first)
        {
            case (byte)'*' or (byte)'+' or (byte)'?' or (byte)'{':
                Fail(ExpressionError.NothingToRepeat);
                return;
            case (byte)'^' or (byte)'$':
                writer.Add(Operation.Assert, first == (byte)'^' ? Assertion.Start : Assertion.End);
                return; // nothing to repeat
            case (byte)'(':
                Group(depth + 1);
                break;
            case (byte)'[':
                Bracket();
                break;
            case (byte)'.':
                writer.Add(Operation.Any);
                break;
            case (byte)'\\':
                if (!Escape())
                    return;
                break;
            default:
                writer.Add(Operation.Byte, first);
                break;
        }
        while (!AtEnd && text[position] is (byte)'*' or (byte)'+' or (byte)'?' or (byte)'{')
            Repeat(start, text[position++]);
    }

    private void Group(int depth)
    {
        if (depth > DeepestGroup)
            Fail(ExpressionError.TooBig);
        Alternatives(depth);
        if (AtEnd)
            Fail(ExpressionError.UnmatchedGroup);
        else
            position++;
    }

    private void Bracket()
    {
        writer.AddSet(out Span<int> set);
        Span<int> unused = stackalloc int[ByteSet.Words];
        ExpressionError bracketError = BracketExpression.Read(text[position..], set.IsEmpty ? unused : set, out int length);
        position += length;
        if (bracketError != ExpressionError.None)
            Fail(bracketError);
    }

    /// <summary>Parses the character after a backslash. False when it can't be repeated.</summary>
    private bool Escape()
    {
        if (AtEnd)
        {
            Fail(ExpressionError.TrailingBackslash);
            return false;
        }
        byte escaped = text[position++];
        switch (escaped)
        {
            case >= (byte)'1' and <= (byte)'9':
                Fail(ExpressionError.BackReference);
                return false;
            case Assertion.Start or Assertion.End or Assertion.WordStart or Assertion.WordEnd or Assertion.WordBoundary or Assertion.NotWordBoundary:
                writer.Add(Operation.Assert, escaped);
                return false;
            case (byte)'w' or (byte)'W' or (byte)'s' or (byte)'S':
                AddClass(escaped);
                return true;
            default:
                writer.Add(Operation.Byte, escaped);
                return true;
        }
    }

    private void AddClass(byte letter)
    {
        writer.AddSet(out Span<int> set);
        if (set.IsEmpty)
            return;
        bool isWord = (letter | 0x20) == (byte)'w';
        _ = ByteSet.TryAddClass(set, isWord ? "alnum"u8 : "space"u8);
        if (isWord)
            ByteSet.AddRange(set, (byte)'_', (byte)'_');
        if (letter < (byte)'a')
            ByteSet.Invert(set);
    }

    private void Repeat(int start, byte sign)
    {
        int least = sign == (byte)'+' ? 1 : 0;
        int most = sign == (byte)'?' ? 1 : ProgramWriter.Unlimited;
        if (sign == (byte)'{')
            ReadLimits(out least, out most);
        if (error == ExpressionError.None)
            writer.Repeat(start, least, most);
    }

    /// <summary>Reads <c>m}</c>, <c>m,}</c>, <c>m,n}</c> or <c>,n}</c>.</summary>
    private void ReadLimits(out int least, out int most)
    {
        bool valid = TryReadNumber(out least);
        most = least;
        if (valid && !AtEnd && text[position] == (byte)',')
        {
            position++;
            valid = TryReadNumber(out most);
            least = least == NoNumber ? 0 : least;
            most = most == NoNumber ? ProgramWriter.Unlimited : most;
        }
        else
            valid &= least != NoNumber;
        if (AtEnd)
            Fail(ExpressionError.UnmatchedBrace);
        else if (!valid || text[position] != (byte)'}' || (most != ProgramWriter.Unlimited && least > most))
            Fail(ExpressionError.BadRepeat);
        else if (least > MostRepeats || most > MostRepeats)
            Fail(ExpressionError.TooBig);
        else
            position++;
    }

    /// <summary>Reads up to a comma, a closing brace or the end; false when there is anything but digits.</summary>
    private bool TryReadNumber(out int number)
    {
        bool valid = true;
        number = NoNumber;
        for (; !AtEnd && text[position] is not ((byte)',' or (byte)'}'); position++)
        {
            int digit = text[position] - '0';
            valid &= digit is >= 0 and <= 9;
            number = (number == NoNumber ? 0 : number) * 10 + digit;
            number = number > MostRepeats ? MostRepeats + 1 : number;
        }
        return valid;
    }

    /// <summary>Records the first error and ends the parsing.</summary>
    private void Fail(ExpressionError reason)
    {
        if (error == ExpressionError.None)
            error = reason;
        position = text.Length;
    }
}
