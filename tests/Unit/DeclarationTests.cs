using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using LocalService.CommandLine;
using Xunit;

namespace LocalService.Tests.Unit;

/// <summary>The text in which a role declares its options, its usage line, and a check that every role's text is valid.</summary>
public sealed partial class DeclarationTests
{
    private sealed record Option(char Letter, string LongName, string Argument, string Meaning, bool IsAlternative);

    private static readonly Gen<string> names = Gen.Elements("all", "rules-file", "x", "a-b-c");
    private static readonly Gen<string> arguments = Gen.Elements("", "", "count", "gid,gid,...", "from:to");
    private static readonly Gen<string> meanings = Gen.Elements("one thing", "a number; 0: none", "-x --y=z | w", "");

    private static readonly Gen<Option> option =
        from letter in Gen.Choose('0', 'z')
        from name in names
        from argument in arguments
        from meaning in meanings
        from isAlternative in Gen.Elements(true, false)
        select new Option((char)letter, name, argument, meaning, isAlternative);

    private static readonly Gen<Option[]> options =
        Properties.List(option, 6).Select(list => list.Select((option, i) => option with { IsAlternative = option.IsAlternative && i > 0 }).ToArray());

    private static readonly Gen<string[]> operands = Properties.List(Gen.Elements("path", "prog...", "[ args... ]", "{ dir re ... }"), 3);

    [Fact]
    public void A_line_says_what_was_written() => Properties.ForAll(
        options,
        written =>
        {
            byte[] text = string.Join('\n', written.Select(LineOf)).ToBytes();
            var lines = new DeclarationLines(text);
            foreach (Option option in written)
            {
                Assert.True(lines.MoveNext());
                DeclarationLine line = lines.Current;
                Assert.True(line.IsOption && line.IsShown);
                Assert.Equal(
                    option,
                    new Option((char)line.Letter, line.LongName.ToText(), line.Argument.ToText(), line.Meaning.ToText(), line.IsAlternative));
            }
            Assert.False(lines.MoveNext());
        });

    [Fact]
    public void The_usage_line_shows_options_then_operands() => Properties.ForAll(
        options,
        operands,
        (written, forms) =>
        {
            string[] lines = [.. written.Select(LineOf), .. forms.Select(form => form + "  what it is")];
            string expected = "";
            foreach ((int i, Option option) in written.Index())
            {
                bool isLast = i + 1 == written.Length || !written[i + 1].IsAlternative;
                expected += (option.IsAlternative ? " | -" : " [ -") + option.Letter
                    + (option.Argument == "" ? "" : " " + option.Argument) + (isLast ? " ]" : "");
            }
            Assert.Equal(expected + string.Concat(forms.Select(form => " " + form)), UsageOf(string.Join('\n', lines).ToBytes()));
        });

    [Fact]
    public void A_letter_alone_is_not_shown()
    {
        Assert.Equal(" [ -a ] [ -b | -c ] path", UsageOf("-a --all  m\n-0\n-b --bytes  m\n-1\n| -c --characters  m\npath  m"u8));
        Assert.Equal("", UsageOf("-0\n-1"u8));
        Assert.Equal("", UsageOf(default));
    }

    [Fact]
    public void Every_role_is_declared()
    {
        for (int i = 0; RoleTable.TryAt(i, out Role role); i++)
        {
            string[] lines = role.Declaration.ToText().Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.All(lines, line => Assert.Matches(AnyLine(), line));
            Assert.True(lines.SkipWhile(line => OptionLine().IsMatch(line)).All(line => !OptionLine().IsMatch(line)), "options come first");
            string[] letters = [.. lines.Select(line => OptionLine().Match(line)).Where(match => match.Success).Select(match => match.Groups[1].Value)];
            Assert.Equal(letters, letters.Distinct());
            string[] longNames = [.. lines.Select(line => OptionLine().Match(line).Groups[2].Value).Where(name => name != "")];
            Assert.Equal(longNames, longNames.Distinct());
            Assert.True(role.ManualSection is 1 or 8, role.Program.ToText());
            Assert.Matches("^[a-z][^\t\n]*[^.]$", role.Summary.ToText());
        }
    }

    private static string LineOf(Option option) =>
        $"{(option.IsAlternative ? "| " : "")}-{option.Letter} --{option.LongName}{(option.Argument == "" ? "" : "=" + option.Argument)}  {option.Meaning}";

    private static string UsageOf(ReadOnlySpan<byte> declaration)
    {
        var line = new Line(2, new byte[2000]);
        UsageText.Add(ref line, declaration);
        return line.Text.ToText();
    }

    // An option with its names and meaning, a letter alone, or an operand and its meaning.
    [GeneratedRegex(@"^((\| )?-[A-Za-z0-9] --[a-z][a-z0-9-]*[a-z0-9](=[^ \t]+)?  \S[^\t]*[^.\s]|-[A-Za-z0-9]|[a-z\[{]\S*( \S+)*  \S[^\t]*[^.\s])$")]
    private static partial Regex AnyLine();

    [GeneratedRegex(@"^(?:\| )?-(.)(?: --([a-z0-9-]+))?")]
    private static partial Regex OptionLine();
}
