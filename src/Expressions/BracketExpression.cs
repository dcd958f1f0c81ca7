using System;
using LocalService.Posix;

namespace LocalService.Expressions;

/// <summary>
/// Reads the content of brackets into a set. Where POSIX leaves the meaning open, it is that of the GNU C library: a hyphen is a
/// member only as the first or last one or as the end of a range; a class can't be the end of a range.
/// </summary>
internal ref struct BracketExpression(ReadOnlySpan<byte> text, Span<int> set)
{
    // Element returns this for a class, whose members are in the set already.
    private const int Class = -1;

    // A name with this many bytes counts as unterminated.
    private const int NameLimit = 32;

    private readonly ReadOnlySpan<byte> text = text;
    private readonly Span<int> set = set;
    private int position;

    /// <summary>The error in the expression.</summary>
    internal ExpressionError Error { get; private set; }

    private readonly bool AtEnd => position == text.Length;

    /// <summary>Reads from behind the opening bracket.</summary>
    /// <param name="text">The text after the opening bracket.</param>
    /// <param name="set">An empty set.</param>
    /// <param name="length">The length of the expression, with the closing bracket.</param>
    internal static ExpressionError Read(ReadOnlySpan<byte> text, Span<int> set, out int length)
    {
        var expression = new BracketExpression(text, set);
        expression.Read();
        length = expression.position;
        return expression.Error;
    }

    private void Read()
    {
        bool negated = Skip((byte)'^');
        if (AtEnd)
            Error = ExpressionError.BadPattern;
        // A closing bracket that comes first is a member.
        for (bool first = true; first || !Skip((byte)']'); first = false)
        {
            int member = Element(first);
            int last = member;
            if (member != Class && IsNext((byte)'-') && !IsNext((byte)']', 1))
            {
                position++;
                last = Element(first, endsRange: true);
                if (last < member)
                    _ = Fail(ExpressionError.BadRange);
            }
            if (Error != ExpressionError.None)
                return;
            if (member != Class)
                ByteSet.AddRange(set, member, last);
        }
        if (negated)
            ByteSet.Invert(set);
    }

    /// <summary>Reads a byte or a symbol for one; returns <see cref="Class"/> after a class or an error.</summary>
    private int Element(bool first, bool endsRange = false)
    {
        if (AtEnd)
            return Fail(ExpressionError.UnmatchedBracket);
        byte member = text[position++];
        if (member == (byte)'[' && !AtEnd && text[position] is (byte)'.' or (byte)'=' or (byte)':')
            return Symbol(text[position++], endsRange);
        return member == (byte)'-' && !first && !endsRange && !IsNext((byte)']') ? Fail(ExpressionError.BadRange) : member;
    }

    /// <summary>The rest of <c>[.x.]</c>, <c>[=x=]</c> or <c>[:name:]</c>: a collating symbol, an equivalence class, a character class.</summary>
    private int Symbol(byte delimiter, bool endsRange)
    {
        int start = position;
        while (position - start < NameLimit && !AtEnd && !(IsNext(delimiter) && IsNext((byte)']', 1)))
            position++;
        if (position - start == NameLimit || AtEnd)
            return Fail(ExpressionError.UnmatchedBracket);
        ReadOnlySpan<byte> name = text[start..position];
        position += 2;
        if (endsRange && delimiter != (byte)'.')
            return Fail(ExpressionError.BadRange);
        if (delimiter == (byte)':')
            return ByteSet.TryAddClass(set, name) ? Class : Fail(ExpressionError.BadClass);
        // In the C locale a byte is only equivalent to itself, and is its own only name.
        if (name.Length != 1)
            return Fail(ExpressionError.BadCollatingElement);
        if (delimiter == (byte)'.')
            return name[0];
        ByteSet.AddRange(set, name[0], name[0]);
        return Class;
    }

    private int Fail(ExpressionError error)
    {
        if (Error == ExpressionError.None)
            Error = error;
        return Class;
    }

    private readonly bool IsNext(byte wanted, int ahead = 0) => position + ahead < text.Length && text[position + ahead] == wanted;

    private bool Skip(byte wanted)
    {
        bool skipped = IsNext(wanted);
        position += skipped ? 1 : 0;
        return skipped;
    }
}
