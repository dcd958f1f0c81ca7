using System;

namespace LocalService.Expressions;

/// <summary>
/// POSIX extended regular expressions on bytes, in the C locale: whether one matches anywhere in a subject, nothing more.
/// The time is bounded by the length of the subject times that of the program, whatever the two are: there is no backtracking.
/// <para>
/// Everything in POSIX.1-2017, section 9.4, is there; where it leaves the meaning open, it is that of regcomp(3) in the GNU C library:
/// the anchors <c>^</c> and <c>$</c> mean themselves nowhere and can't be repeated; <c>*</c>, <c>+</c>, <c>?</c> and <c>{</c> are errors
/// where nothing is to be repeated, and may follow each other; <c>{,n}</c> is <c>{0,n}</c>, with n up to 32767; <c>)</c> without a group and
/// <c>}</c> are ordinary; a group or a branch may be empty; <c>.</c> takes any byte; a backslash takes the meaning of the byte behind it,
/// except in GNU's <c>\w \W \s \S \b \B \&lt; \&gt; \` \'</c>.
/// </para>
/// <para>
/// On purpose unlike it: a back reference is an error, since it can't be matched in linear time; so are a program longer than
/// <see cref="LongestProgram"/> and groups more than 250 deep (<see cref="ExpressionError.TooBig"/>).
/// </para>
/// The empty expression matches every subject. Where it stands for rights that nobody meant to give, the caller has to treat it apart.
/// </summary>
internal static class Expression
{
    /// <summary>
    /// The longest program, in words. A byte takes one, a class or bracket expression nine, <c>? * + |</c> one or two; a counted repetition
    /// as many as its operand written out.
    /// </summary>
    internal const int LongestProgram = 8192;

    /// <summary>Translates an expression into a program for <see cref="IsMatch"/>.</summary>
    /// <param name="text">The expression.</param>
    /// <param name="program">Where the program goes, at most <see cref="LongestProgram"/> words.</param>
    /// <param name="length">How many words it has.</param>
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
    /// Finds a match in a part of something longer, in which <c>^</c> and <c>$</c> hold nowhere: the one that begins first, and of those the
    /// longest. Where nothing matches it takes the time of <see cref="IsMatch"/>, else up to as many times that as the subject has bytes
    /// before the match.
    /// </summary>
    /// <param name="program">The program.</param>
    /// <param name="fragment">The part.</param>
    /// <param name="start">Where the match begins.</param>
    /// <param name="end">Where it ends: the place behind its last byte.</param>
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
