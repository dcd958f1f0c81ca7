using System.Collections.Generic;
using System.Linq;
using Xunit;

namespace LocalService.Tests.EndToEnd.FrontEnd;

/// <summary>Every option and operand that the roles declare: both names mean the same, and errors name the wrong word.</summary>
public sealed class OptionTests
{
    // Options that no role has.
    private const string UnknownLetter = "-%";
    private const string UnknownName = "--no-such-option";

    /// <summary>The names of the roles that have options.</summary>
    public static TheoryData<string> RolesWithOptions => [.. RoleDescription.All.Where(role => role.Options.Count > 0).Select(role => role.Name)];

    /// <summary>The names of the roles that require operands. A connlimit without a program just exits if the client may stay.</summary>
    public static TheoryData<string> RolesWithOperands =>
        [.. RoleDescription.All.Where(role => role.RequiredOperands.Any() && role.Name != "connlimit").Select(role => role.Name)];

    [Theory, MemberData(nameof(RolesWithOptions))]
    public void Unknown_options_are_named(string name)
    {
        RoleDescription role = Role(name);
        ExpectProblem(role, $"unknown option: {UnknownLetter}", UnknownLetter);
        ExpectProblem(role, $"unknown option: {UnknownName}", UnknownName);
        ExpectProblem(role, $"unknown option: {UnknownName}", UnknownName + "=value");
        // Abbreviated names are unknown.
        string first = role.Options[0].LongName;
        ExpectProblem(role, $"unknown option: --{first[..^1]}", "--" + first[..^1]);
    }

    [Theory, MemberData(nameof(RolesWithOptions))]
    public void Arguments_must_be_there_and_must_not(string name)
    {
        RoleDescription role = Role(name);
        foreach (OptionDescription option in role.Options.Where(option => option.Argument is not null))
        {
            ExpectProblem(role, $"missing argument for -{option.Letter}", $"-{option.Letter}");
            ExpectProblem(role, $"missing argument for --{option.LongName}", "--" + option.LongName, "7");
        }
        foreach (OptionDescription option in role.Options.Where(option => option.Argument is null))
            ExpectProblem(role, $"unexpected argument for --{option.LongName}: 7", $"--{option.LongName}=7");
    }

    [Theory, MemberData(nameof(RolesWithOptions))]
    public void Letter_and_long_name_mean_the_same(string name)
    {
        RoleDescription role = Role(name);
        foreach (OptionDescription option in role.Options)
        {
            // The first value is valid for every option, the second one for no option that takes a number.
            foreach (string value in option.Argument is null ? (string[])[""] : ["7", "7x"])
            {
                string[] shortForm = option.Argument is null ? [$"-{option.Letter}"] : [$"-{option.Letter}", value];
                string longForm = option.Argument is null ? $"--{option.LongName}" : $"--{option.LongName}={value}";
                ProcessResult byLetter = Run(role, [.. shortForm, UnknownName]);
                ProcessResult byName = Run(role, longForm, UnknownName);
                Assert.Equal(byLetter.Error.Replace($" -{option.Letter}:", $" --{option.LongName}:"), byName.Error);
                Assert.Equal((100, 100), (byLetter.ExitCode, byName.ExitCode));
                Assert.DoesNotContain($"unknown option: --{option.LongName}", byName.Error);
            }
        }
    }

    [Theory, MemberData(nameof(RolesWithOperands))]
    public void Missing_operands_are_named(string name)
    {
        RoleDescription role = Role(name);
        foreach ((int given, string missing) in role.RequiredOperands.Index())
            ExpectProblem(role, $"missing operand: {missing}", [.. Enumerable.Repeat("word", given)]);
    }

    [Fact]
    public void Help_has_a_line_for_each_option_and_operand()
    {
        foreach (RoleDescription role in RoleDescription.All)
        {
            string[] help = Run(role, "--help").Output.Split('\n');
            Assert.Equal("usage: " + role.Usage, help[0]);
            foreach (OptionDescription option in role.Options)
            {
                string form = $"  -{option.Letter}, --{option.LongName}{(option.Argument is null ? "" : "=" + option.Argument)}  ";
                Assert.Single(help, line => line.StartsWith(form) && line.EndsWith("  " + option.Meaning));
            }
            Assert.Matches(@$"^see {role.Program}\([18]\)$", help[^2]);
            Assert.Equal(3 + role.Options.Count + role.Operands.Count + 1, help.Length);
        }
    }

    [Fact]
    public void What_was_an_option_once_is_accepted_and_not_shown()
    {
        RoleDescription role = Role("ioconnect");
        ExpectProblem(role, $"unknown option: {UnknownLetter}", "-0167", UnknownLetter);
        Assert.DoesNotContain(role.Options, option => char.IsAsciiDigit(option.Letter));
    }

    private static RoleDescription Role(string name) => RoleDescription.All.Single(role => role.Name == name);

    private static void ExpectProblem(RoleDescription role, string problem, params string[] words)
    {
        ProcessResult result = Run(role, words);
        Assert.Equal($"{role.Program}: fatal: {problem}\n{role.Program}: usage: {role.Usage}\n", result.Error);
        Assert.Equal(("", 100), (result.Output, result.ExitCode));
    }

    private static ProcessResult Run(RoleDescription role, params IEnumerable<string> words)
    {
        using var directory = new TestDirectory();
        return TestProcess.Run([ProgramsUnderTest.Executable, role.Name, .. words], directory.FullPath);
    }
}
