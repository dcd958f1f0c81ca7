using System;
using System.Linq;
using LocalService.Expressions;
using Xunit;

namespace LocalService.Tests.Unit;

public sealed class ExpressionTests
{
    [Theory]
    // The syntax of POSIX.
    [InlineData("", "", true)]
    [InlineData("", "abc", true)]
    [InlineData("b", "abc", true)]
    [InlineData("b", "ac", false)]
    [InlineData("^unix:", "unix:a", true)]
    [InlineData("^unix:", "xunix:a", false)]
    [InlineData("b$", "ab", true)]
    [InlineData("b$", "ba", false)]
    [InlineData("^$", "", true)]
    [InlineData("^$", "a", false)]
    [InlineData("a.c", "a\nc", true)]
    [InlineData("a.c", "ac", false)]
    [InlineData("^(a|bc|)d$", "bcd", true)]
    [InlineData("^(a|bc|)d$", "d", true)]
    [InlineData("^(a|bc|)d$", "abcd", false)]
    [InlineData("^a*$", "", true)]
    [InlineData("^a+$", "", false)]
    [InlineData("^ab?c$", "ac", true)]
    [InlineData("^ab?c$", "abbc", false)]
    [InlineData("^(ab){2}$", "abab", true)]
    [InlineData("^(ab){2}$", "ab", false)]
    [InlineData("^(ab){2}$", "ababab", false)]
    [InlineData("^a{2,}$", "a", false)]
    [InlineData("^a{2,}$", "aaaaa", true)]
    [InlineData("^a{2,4}$", "aaaa", true)]
    [InlineData("^a{2,4}$", "aaaaa", false)]
    [InlineData("^a{0}b$", "b", true)]
    [InlineData("^a{0}b$", "ab", false)]
    [InlineData("^[a-c]$", "b", true)]
    [InlineData("^[a-c]$", "d", false)]
    [InlineData("^[^a-c]$", "d", true)]
    [InlineData("^[^a-c]$", "b", false)]
    [InlineData("^[]a]$", "]", true)]
    [InlineData("^[a-]$", "-", true)]
    [InlineData("^[-a]$", "-", true)]
    [InlineData("^[%--]$", "+", true)]
    [InlineData("^[[:digit:]_]+$", "12_3", true)]
    [InlineData("^[[:digit:]_]+$", "12x3", false)]
    [InlineData("^[^[:space:]]$", "\t", false)]
    [InlineData("^[[=a=]]$", "a", true)]
    [InlineData("^[[.-.]]$", "-", true)]
    [InlineData("^[[.*.]-z]$", "A", true)]
    [InlineData(@"^[\n]+$", @"\n", true)]
    [InlineData(@"^\^\$\.\*\[\\$", @"^$.*[\", true)]
    [InlineData("^\u00e9[\u00e0-\u00ff]$", "\u00e9\u00e8", true)]
    [InlineData("[[:alpha:]]", "\u00e9", false)]
    // Syntax that POSIX leaves undefined.
    [InlineData("^)$", ")", true)]
    [InlineData("^}$", "}", true)]
    [InlineData("^a{,2}$", "aaa", false)]
    [InlineData("^a{,}$", "aaa", true)]
    [InlineData("^a**$", "aaa", true)]
    [InlineData("^a{2}{2}$", "aaaa", true)]
    [InlineData("^()b$", "b", true)]
    [InlineData("^(()*)*$", "", true)]
    [InlineData("a^b", "a^b", false)]
    [InlineData("a$b", "a$b", false)]
    [InlineData("x|^b", "ab", false)]
    [InlineData("x|^b", "ba", true)]
    [InlineData(@"^\n$", "n", true)]
    // GNU extensions.
    [InlineData(@"^\w\W$", "_-", true)]
    [InlineData(@"^\s\S$", " \u00e9", true)]
    [InlineData(@"\bcat\b", "a cat.", true)]
    [InlineData(@"\bcat\b", "concat", false)]
    [InlineData(@"\Bcat", "concat", true)]
    [InlineData(@"\<cat\>", "cat", true)]
    [InlineData(@"cat\>", "cats", false)]
    [InlineData(@"\`a\'", "a", true)]
    [InlineData(@"\`a\'", "ba", false)]
    public void Matches(string text, string subject, bool matches) => Assert.Equal(matches, IsMatch(Compile(text), subject.ToBytes()));

    [Theory]
    [InlineData("[", "Invalid regular expression")]
    [InlineData("[^", "Invalid regular expression")]
    [InlineData("[]", "Unmatched [, [^, [:, [., or [=")]
    [InlineData("[a-", "Unmatched [, [^, [:, [., or [=")]
    [InlineData("[[:alpha", "Unmatched [, [^, [:, [., or [=")]
    [InlineData("[[:foo:]]", "Invalid character class name")]
    [InlineData("[[::]]", "Invalid character class name")]
    [InlineData("[[.ab.]]", "Invalid collation character")]
    [InlineData("[[=ab=]]", "Invalid collation character")]
    [InlineData("[b-a]", "Invalid range end")]
    [InlineData("[a-b-c]", "Invalid range end")]
    [InlineData("[[:alpha:]-z]", "Invalid range end")]
    [InlineData("[a-[:alpha:]]", "Invalid range end")]
    [InlineData("a{", @"Unmatched \{")]
    [InlineData("a{1", @"Unmatched \{")]
    [InlineData("a{1,", @"Unmatched \{")]
    [InlineData("a{}", @"Invalid content of \{\}")]
    [InlineData("a{x}", @"Invalid content of \{\}")]
    [InlineData("a{1,2,3}", @"Invalid content of \{\}")]
    [InlineData("a{2,1}", @"Invalid content of \{\}")]
    [InlineData("a{40000,1}", @"Invalid content of \{\}")]
    [InlineData("a{32768}", "Regular expression too big")]
    [InlineData("a{99999999999}", "Regular expression too big")]
    [InlineData("*a", "Invalid preceding regular expression")]
    [InlineData("a|*", "Invalid preceding regular expression")]
    [InlineData("(+)", "Invalid preceding regular expression")]
    [InlineData("^*", "Invalid preceding regular expression")]
    [InlineData(@"\b?", "Invalid preceding regular expression")]
    [InlineData("{1}", "Invalid preceding regular expression")]
    [InlineData("(", @"Unmatched ( or \(")]
    [InlineData("((a)", @"Unmatched ( or \(")]
    [InlineData(@"a\", "Trailing backslash")]
    [InlineData(@"\1", "Invalid back reference")]
    public void Errors_are_those_of_the_C_library(string text, string error)
    {
        Assert.Equal(error, ErrorOf(text));
        using var model = new GlibcRegex(text.ToBytes());
        Assert.Equal(error, model.Error);
    }

    [Theory]
    [InlineData(@"(a)\1", "Invalid back reference")]
    [InlineData("(a{255}){255}", "Regular expression too big")]
    [InlineData("((((((a{9}){9}){9}){9}){9}){9}){9}", "Regular expression too big")]
    [InlineData("[a-c]{1000}", "Regular expression too big")]
    public void Errors_of_our_own(string text, string error)
    {
        Assert.Equal(error, ErrorOf(text));
        using var model = new GlibcRegex(text.ToBytes());
        Assert.Equal("Success", model.Error);
    }

    [Fact]
    public void An_error_behind_what_is_too_big_is_the_one_reported() => Assert.Equal("Trailing backslash", ErrorOf(@"(a{255}){255}[b]\"));

    [Fact]
    public void Groups_are_limited_in_depth()
    {
        Assert.True(IsMatch(Compile(Nested(250)), "a"u8.ToArray()));
        Assert.Equal("Regular expression too big", ErrorOf(Nested(251)));
        Assert.Equal("Regular expression too big", ErrorOf(new string('(', 4095)));

        static string Nested(int depth) => new string('(', depth) + "a" + new string(')', depth);
    }

    [Fact]
    public void Every_program_fits_or_is_refused()
    {
        int[] program = new int[Expression.LongestProgram];
        byte[] text = "^(unix:([a-z]+|x{2,5})*|[^[:digit:]]?.+)$"u8.ToArray();
        Assert.Equal(ExpressionError.None, Expression.Compile(text, program, out int length));
        for (int room = 0; room < length; room++)
            Assert.Equal(ExpressionError.TooBig, Expression.Compile(text, program.AsSpan(0, room), out _));
        Assert.Equal(ExpressionError.None, Expression.Compile(text, new int[length], out _));
    }

    [Fact]
    public void The_longest_plain_text_is_an_expression() => Assert.True(IsMatch(Compile(new string('a', 4095)), [.. Enumerable.Repeat((byte)'a', 5000)]));

    [Theory]
    [InlineData("^(a+)+$")]
    [InlineData("^(a|a)*$")]
    [InlineData("^(a|aa)+$")]
    [InlineData("^(a*)*$")]
    [InlineData("^((a?){50}){50}$")]
    [InlineData("^(((((a*)*)*)*)*)*$")]
    [InlineData("(.*)(.*)(.*)(.*)(.*)[[:digit:]]")]
    [InlineData("^(a{0,60}){0,60}b$")]
    public void Pathological_expressions_take_bounded_steps(string text)
    {
        int[] program = Compile(text);
        byte[] subject = [.. Enumerable.Repeat((byte)'a', 254), (byte)'!'];
        var automaton = new Automaton(program, subject, new ushort[program.Length * Automaton.MemoryFactor]);
        Assert.False(automaton.Run());
        Assert.InRange(automaton.Steps, 1, program.Length * (subject.Length + 1));
    }

    private static int[] Compile(string text)
    {
        int[] program = new int[Expression.LongestProgram];
        ExpressionError error = Expression.Compile(text.ToBytes(), program, out int length);
        Assert.Equal(ExpressionError.None, error);
        return program[..length];
    }

    private static string ErrorOf(string text) =>
        ExpressionErrorText.Of(Expression.Compile(text.ToBytes(), new int[Expression.LongestProgram], out _)).ToText();

    private static bool IsMatch(int[] program, byte[] subject) => Expression.IsMatch(program, subject);

    [Theory]
    [InlineData("b+", "abbcbbb", 1, 3)]
    [InlineData("bc|abcd", "xabcd", 1, 5)]
    [InlineData("a|ab|abc", "abcd", 0, 3)]
    [InlineData("b*", "xbb", 0, 0)]
    [InlineData("", "x", 0, 0)]
    [InlineData("(a|b)+c", "udabcuu", 2, 5)]
    [InlineData("a[^c]*c", "aab", -1, -1)]
    [InlineData("^a", "a", -1, -1)]
    [InlineData("a$", "a", -1, -1)]
    [InlineData("a|^b", "ba", 1, 2)]
    [InlineData("\\bb", "a b", 2, 3)]
    public void The_first_and_longest_match_in_a_fragment_is_found(string expression, string fragment, int start, int end)
    {
        int[] program = new int[Expression.LongestProgram];
        Assert.Equal(ExpressionError.None, Expression.Compile(expression.ToBytes(), program, out int length));
        bool found = Expression.TryFind(program.AsSpan(0, length), fragment.ToBytes(), out int foundStart, out int foundEnd);
        Assert.Equal(start >= 0, found);
        if (found)
            Assert.Equal((start, end), (foundStart, foundEnd));
    }
}
