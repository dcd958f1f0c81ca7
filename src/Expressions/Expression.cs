using System;

namespace LocalService.Expressions;

/// <summary>
/// POSIX extended regular expressions on bytes, in the C locale: they only tell whether one matches anywhere in a subject.
/// The time is bounded by the length of the subject times that of the program, for all inputs: there is no backtracking.
/// <para>
/// Supports everything in POSIX.1-2017, section 9.4. Where the standard leaves the meaning open, it is that of regcomp(3) in the GNU C library:
/// the anchors <c>^</c> and <c>$</c> are never literal and can't be repeated; <c>*</c>, <c>+</c>, <c>?</c> and <c>{</c> are errors
/// if there is nothing to repeat, and may follow each other; <c>{,n}</c> is <c>{0,n}</c>, with n up to 32767; <c>)</c> without a group and
/// <c>}</c> are ordinary; a group or a branch may be empty; <c>.</c> matches any byte; a backslash makes the byte after it ordinary,
/// except in GNU's <c>\w \W \s \S \b \B \&lt; \&gt; \` \'</c>.
/// </para>
/// <para>
/// Deliberately different: a back reference is an error, since it can't be matched in linear time; so are a program longer than
/// <see cref="LongestProgram"/> and groups more than 250 deep (<see cref="ExpressionError.TooBig"/>).
/// </para>
/// The empty expression matches every subject. A caller that grants rights by a match has to handle it separately.
/// </summary>
internal static class Expression
{
    /// <summary>
    /// The longest program, in words. A byte takes one, a class or bracket expression nine, <c>? * + |</c> one or two; a counted repetition
    /// takes as many as its operand written out.
    /// </summary>
    internal const int LongestProgram = 8192;

    /// <summary>Translates an expression into a program for <see cref="IsMatch"/>.</summary>
    /// <param name="text">The expression.</param>
    /// <param name="program">The memory for the program, at most <see cref="LongestProgram"/> words.</param>
    /// <param name="length">The length of the program in words.</param>
    internal static ExpressionError Compile(ReadOnlySpan<byte> text, Span<int> program, out int length)
    {
        var compiler = new ExpressionCompiler(text, program.Length > LongestProgram ? program[..LongestProgram] : program);
        ExpressionError error = compiler.Compile();
        length = compiler.Length;
        return error;
    }

    /// <summary>Whether the expression of a program matches anywhere in the subject. It takes up to 48 KiB of stack.</summary>
    internal static bool IsMatch(ReadOnlySpan<int> program, ReadOnlySpan<byte> subject)
    {
        Span<ushort> memory = stackalloc ushort[program.Length * Automaton.MemoryFactor];
        return new Automaton(program, subject, memory).Run();
    }

    /// <summary>
    /// Finds a match in a part of something longer, in which <c>^</c> and <c>$</c> match nowhere: the match that begins first, and of those the
    /// longest. If nothing matches it takes the time of <see cref="IsMatch"/>, else up to that time multiplied by the number of bytes
    /// before the match.
    /// </summary>
    /// <param name="program">The program.</param>
    /// <param name="fragment">The part.</param>
    /// <param name="start">The start of the match.</param>
    /// <param name="end">The end of the match: the position behind its last byte.</param>
    internal static bool TryFind(ReadOnlySpan<int> program, ReadOnlySpan<byte> fragment, out int start, out int end)
    {
        Span<ushort> memory = stackalloc ushort[program.Length * Automaton.MemoryFactor];
        start = 0;
        end = -1;
        if (!new Automaton(program, fragment, memory) { IsFragment = true }.Run())
            return false;
        var automaton = new Automaton(program, fragment, memory) { IsFragment = true };
        for (end = automaton.LongestFrom(0); end < 0; end = automaton.LongestFrom(start))
            start++;
        return true;
    }
}
