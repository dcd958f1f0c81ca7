using System;
using System.Text;
using System.Text.RegularExpressions;
using LocalService.Expressions;
using Xunit;

namespace LocalService.Tests.Unit;

/// <summary>The product's expressions, compared with those of the C library, which such programs have used so far.</summary>
public sealed partial class ExpressionDifferentialTests
{
    private const int Expressions = 100_000;
    private const int SubjectsEach = 4;

    private static readonly string[] atoms =
    [
        "a", "b", "c", "-", ":", "]", "}", ",", ".", "^", "$", "_", " ", "1", "\u00e9", "()", "[ab]", "[^a]", "[a-c]", "[]-]", "[^]a]", "[[:alpha:]]",
        "[^[:digit:]_]", "[[:punct:][:space:]]", "[[=a=]b]", "[[.-.]c]", "[+--]", @"\.", @"\w", @"\W", @"\s", @"\S", @"\b", @"\B", @"\<", @"\>", @"\`", @"\'",
        @"\a", @"\(", @"\\",
    ];

    private const int PlainRepeats = 3;

    private static readonly string[] repeats = ["*", "+", "?", "{0}", "{1}", "{2}", "{0,2}", "{1,3}", "{2,}", "{,2}", "{,}", "{0,1}"];

    // Fragments that are inserted anywhere to make invalid expressions.
    private static readonly string[] splinters =
        ["*", "+", "?", "{", "}", "{1", "{1,", "{2,1}", "(", ")", "[", "]", "[^", "[[:", ":]", "[.", "=]", "-", "|", "^", "$", @"\", "[[:alnum:]", "a-", "[z-a]"];

    // No newline: in the C library, $ matches before a newline that is consumed next, even without REG_NEWLINE.
    private const string SubjectAlphabet = "aaabbc-:]_ 1.\u00e9\t(";

    [Fact]
    public void Agrees_with_the_C_library()
    {
        var random = new Random(20101);
        int[] program = new int[Expression.LongestProgram];
        int valid = 0;
        int matches = 0;
        for (int i = 0; i < Expressions; i++)
        {
            string text = Generate(random);
            if (IsQuirk(text))
                continue;
            using var model = new GlibcRegex(text.ToBytes());
            ExpressionError error = Expression.Compile(text.ToBytes(), program, out int length);
            Assert.True(model.Error == ExpressionErrorText.Of(error).ToText(), $"{text}: {error} instead of {model.Error}");
            if (error != ExpressionError.None)
                continue;
            valid++;
            for (int j = 0; j < SubjectsEach; j++)
            {
                byte[] subject = Subject(random);
                bool expected = model.IsMatch(subject);
                bool actual = Expression.IsMatch(program.AsSpan(0, length), subject);
                Assert.True(expected == actual, $"{text} on <{((ReadOnlySpan<byte>)subject).ToText()}>: {actual} instead of {expected}");
                matches += expected ? 1 : 0;
            }
        }
        // Neither too many invalid expressions nor too many trivial matches.
        Assert.InRange(valid, Expressions / 2, Expressions);
        Assert.InRange(matches, valid, valid * (SubjectsEach - 1));
    }

    /// <summary>Where we don't follow the C library.</summary>
    private static bool IsQuirk(string text) =>
        // Inside brackets the C library takes three hyphens for one member. We take them for a range from hyphen to hyphen with the same result, or
        // for an error.
        text.Contains("---", StringComparison.Ordinal)
        // It ignores assertions in repeated groups: (^a){2} matches aa.
        || (RepeatedGroup().IsMatch(text) && Condition().IsMatch(text))
        // Inside braces it processes escapes before it looks for the closing brace.
        || (text.Contains('{') && text.Contains('\\') && HasEscapeInBraces(text));

    [GeneratedRegex(@"\)[*+?{]")]
    private static partial Regex RepeatedGroup();

    [GeneratedRegex(@"(?<!\[)[$^]|\\[bB<>`']")]
    private static partial Regex Condition();

    private static bool HasEscapeInBraces(string text)
    {
        for (int open = text.IndexOf('{'); open >= 0; open = text.IndexOf('{', open + 1))
        {
            int close = text.IndexOf('}', open);
            if (text.IndexOf('\\', open, (close < 0 ? text.Length : close) - open) >= 0)
                return true;
        }
        return false;
    }

    private static string Generate(Random random)
    {
        var text = new StringBuilder();
        Alternatives(random, text, depth: 0);
        int splintered = random.Next(5) == 0 ? random.Next(1, 3) : 0;
        for (int i = 0; i < splintered; i++)
            text.Insert(random.Next(text.Length + 1), splinters[random.Next(splinters.Length)]);
        return text.ToString();
    }

    private static void Alternatives(Random random, StringBuilder text, int depth)
    {
        int branches = random.Next(4) == 0 ? random.Next(2, 4) : 1;
        for (int i = 0; i < branches; i++)
        {
            if (i > 0)
                text.Append('|');
            int pieces = random.Next(depth == 0 ? 1 : 0, 5);
            for (int j = 0; j < pieces; j++)
                Piece(random, text, depth);
        }
    }

    private static void Piece(Random random, StringBuilder text, int depth)
    {
        bool isAssertion = false;
        if (depth < 2 && random.Next(4) == 0)
        {
            text.Append('(');
            Alternatives(random, text, depth + 1);
            text.Append(')');
        }
        else
        {
            string atom = atoms[random.Next(random.Next(2) == 0 ? 3 : atoms.Length)];
            text.Append(atom);
            isAssertion = atom is "^" or "$" or @"\b" or @"\B" or @"\<" or @"\>" or @"\`" or @"\'";
        }
        if (isAssertion)
            return;
        // Only few nested repeats: with them, above all with counts, the C library's automaton grows without bounds.
        bool isGroup = text[^1] == ')';
        if (random.Next(3) == 0)
            text.Append(repeats[random.Next(isGroup && depth > 0 ? PlainRepeats : repeats.Length)]);
        if (!isGroup && random.Next(10) == 0)
            text.Append(repeats[random.Next(PlainRepeats)]);
    }

    private static byte[] Subject(Random random)
    {
        byte[] subject = new byte[random.Next(9)];
        for (int i = 0; i < subject.Length; i++)
            subject[i] = (byte)SubjectAlphabet[random.Next(SubjectAlphabet.Length)];
        return subject;
    }
}
