using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using LocalService.Accounts;
using LocalService.CommandLine;
using Xunit;

namespace LocalService.Tests.Unit;

/// <summary>How a command line is read. Specification "conventions", section 1.1, and long names.</summary>
public sealed class OptionReaderTests
{
    private const string Declaration =
        """
        -a --all  a flag
        -b --bytes=count  the first that takes an argument
        | -c --characters  an alternative
        -x --exclude=pattern  the second that takes an argument
        -1
        path  an operand
        prog...  a program
        """;

    private const string Letters = "ab:cx:1";
    private static readonly Dictionary<string, char> longNames =
        new() { ["all"] = 'a', ["bytes"] = 'b', ["characters"] = 'c', ["exclude"] = 'x' };

    private static readonly Gen<string> longWords = Gen.Zip(
        Gen.Elements("all", "bytes", "characters", "exclude", "byte", "bytess", "", "1", "a"),
        Gen.Elements("", "=", "=5", "=--", "=a=b")).Select(pair => "--" + pair.Item1 + pair.Item2);

    private static readonly Gen<string[]> commandLines = Properties.List(
        Gen.OneOf(
            Properties.Text("-abcx15:?=", 4),
            Gen.Elements("--", "-", "", "-a", "-b", "-b5", "-ab", "-acx", "--a", "word"),
            longWords),
        6);

    [Fact]
    public void Agrees_with_the_rules() => Properties.ForAll(
        commandLines,
        words =>
        {
            List<string> events = [];
            int? rest = Model(words, events);
            Assert.Equal(events, Read(words, out string[] actualRest));
            if (rest is not null)
                Assert.Equal(words[rest.Value..], actualRest);
        },
        runs: 20_000);

    [Fact]
    public void An_empty_argument_is_an_argument()
    {
        Assert.Equal(["b=", "x="], Read(["-b", "", "--exclude=", "word"], out string[] rest));
        Assert.Equal(["word"], rest);
    }

    [Fact]
    public void An_argument_may_look_like_anything()
    {
        Assert.Equal(["b=--", "x=-a", "x=--all=1"], Read(["-b", "--", "-x", "-a", "--exclude=--all=1", "--", "--"], out string[] rest));
        Assert.Equal(["--"], rest);
    }

    [Theory]
    [InlineData("-a")]
    [InlineData("--all")]
    [InlineData("--")]
    [InlineData("")]
    public void Without_declared_options_every_word_is_an_operand(string word)
    {
        var options = new OptionReader(WordsOf(word, "next"), "first  an operand\nsecond  another"u8);
        Assert.False(options.Next(out _));
        Assert.Equal(word, options.Operand().ToText());
        Assert.Equal("next", options.Operand().ToText());
        Assert.False(options.IsWrong);
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("3", 0)]
    [InlineData("4", 4)]
    [InlineData("4294967295", 4)]
    public void A_number_may_have_a_least(string given, uint least)
    {
        OptionReader options = At("-b", given);
        Assert.Equal(uint.Max(uint.Parse(given), least), options.Number(least));
        Assert.False(options.IsWrong);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5x")]
    [InlineData("-1")]
    [InlineData("4294967296")]
    public void An_argument_of_the_wrong_kind_is_a_problem(string argument)
    {
        OptionReader number = At("-b", argument);
        _ = number.Number();
        Assert.Equal($"invalid number for -b: {argument}", Problem(number));
        OptionReader octal = At("-b", argument);
        _ = octal.OctalNumber();
        Assert.Equal($"invalid octal number for -b: {argument}", Problem(octal));
        OptionReader descriptor = At("--bytes=" + argument);
        _ = descriptor.DescriptorNumber(0);
        Assert.Equal($"invalid descriptor for --bytes: {argument}", Problem(descriptor));
        Assert.False(descriptor.Next(out _));
    }

    [Theory]
    [InlineData("2", 3, false)]
    [InlineData("3", 3, true)]
    [InlineData("+7", 3, true)]
    [InlineData("-7", 3, false)]
    [InlineData("2147483648", 3, false)]
    public void A_descriptor_has_a_least(string given, int least, bool valid)
    {
        OptionReader options = At("-b", given);
        int descriptor = options.DescriptorNumber(least);
        Assert.Equal(valid, !options.IsWrong);
        Assert.True(!valid || descriptor == int.Parse(given));
    }

    [Fact]
    public void A_list_of_groups_is_read_whole()
    {
        OptionReader options = At("-b", "5,6 7");
        Assert.Equal([5, 6, 7], IdArguments.Groups(ref options).Members.ToArray());
        OptionReader wrong = At("-b", "5,,6");
        _ = IdArguments.Groups(ref wrong);
        Assert.Equal("invalid list of group ids for -b: 5,,6", Problem(wrong));
    }

    [Theory]
    [InlineData("missing operand: path")]
    [InlineData("missing operand: prog", "-a", "p")]
    [InlineData("missing operand: path", "--")]
    [InlineData("empty operand: prog", "p", "", "word")]
    [InlineData("", "p", "prog")]
    [InlineData("", "", "prog")]
    [InlineData("unknown option: -z", "-z")]
    [InlineData("unknown option: -:", "-a:")]
    [InlineData("unknown option: --nothing", "--nothing=1", "p", "prog")]
    [InlineData("missing argument for -b", "-ab")]
    [InlineData("missing argument for --bytes", "--bytes", "5")]
    [InlineData("unexpected argument for --all: 5", "--all=5")]
    public void The_first_problem_is_the_one_that_is_told(string problem, params string[] words)
    {
        var options = new OptionReader(WordsOf(words), Declaration.ToBytes());
        while (options.Next(out _))
        {
        }
        _ = options.Operand();
        Words program = options.NamedProgram();
        Assert.Equal(problem, options.IsWrong ? Problem(options) : "");
        Assert.Equal(problem == "" ? 1 : 0, options.IsWrong ? 0 : program.Count);
    }

    private static OptionReader At(params string[] words)
    {
        var options = new OptionReader(WordsOf(words), Declaration.ToBytes());
        Assert.True(options.Next(out char letter));
        Assert.Equal('b', letter);
        return options;
    }

    private static string Problem(OptionReader options)
    {
        var line = new Line(2, new byte[1000]);
        UsageText.AddProblem(ref line, options);
        return line.Text.ToText();
    }

    private static unsafe Words WordsOf(params string[] words) => new(Properties.ToNativeList(words.Prepend("program")));

    /// <summary>The product's reader: <c>LETTER=ARGUMENT</c> for each option, the problem that ends it.</summary>
    private static unsafe List<string> Read(string[] words, out string[] rest)
    {
        var options = new OptionReader(WordsOf(words), Declaration.ToBytes());
        var events = new List<string>();
        while (options.Next(out char letter))
            events.Add($"{letter}={options.Argument.ToText()}");
        if (options.IsWrong)
            events.Add(options.Problem.ToString());
        rest = Properties.ToTexts(options.Rest.List);
        return events;
    }

    /// <summary>The rules as text operations. Returns the index of the first word that isn't an option, null after an error.</summary>
    private static int? Model(string[] words, List<string> events)
    {
        for (int i = 0; i < words.Length; i++)
        {
            if (words[i] == "--")
                return i + 1;
            if (words[i] == "-" || !words[i].StartsWith('-'))
                return i;
            WrongUse problem = words[i].StartsWith("--") ? ModelLong(words[i], events) : ModelCluster(words, ref i, events);
            if (problem == WrongUse.None)
                continue;
            events.Add(problem.ToString());
            return null;
        }
        return words.Length;
    }

    private static WrongUse ModelLong(string word, List<string> events)
    {
        string[] parts = word[2..].Split('=', 2);
        if (!longNames.TryGetValue(parts[0], out char letter))
            return WrongUse.UnknownOption;
        bool takesArgument = Letters.Contains($"{letter}:");
        if (takesArgument != (parts.Length == 2))
            return takesArgument ? WrongUse.MissingArgument : WrongUse.UnexpectedArgument;
        events.Add($"{letter}={parts.ElementAtOrDefault(1)}");
        return WrongUse.None;
    }

    private static WrongUse ModelCluster(string[] words, ref int i, List<string> events)
    {
        for (string cluster = words[i][1..]; cluster.Length > 0;)
        {
            char letter = cluster[0];
            cluster = cluster[1..];
            if (letter == ':' || !Letters.Contains(letter))
                return WrongUse.UnknownOption;
            bool takesArgument = Letters.Contains($"{letter}:");
            if (takesArgument && cluster == "" && i + 1 == words.Length)
                return WrongUse.MissingArgument;
            string argument = !takesArgument ? "" : cluster != "" ? cluster : words[++i];
            cluster = takesArgument ? "" : cluster;
            events.Add($"{letter}={argument}");
        }
        return WrongUse.None;
    }
}
