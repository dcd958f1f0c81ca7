using System.Linq;
using LocalService.CommandLine;
using LocalService.Sudo;
using Xunit;

namespace LocalService.Tests.Unit;

/// <summary>The command lines of sudo, sudoc and sudod. Specification "sudo", sections 1 to 3.</summary>
public sealed unsafe class SudoOptionsTests
{
    [Theory]
    [InlineData("path", "s6-ipcclient -- path s6-sudoc -t 0 -T 0 --")]
    [InlineData("path a -b c", "s6-ipcclient -- path s6-sudoc -t 0 -T 0 -- a -b c")]
    [InlineData("-q path", "s6-ipcclient -Q -- path s6-sudoc -t 0 -T 0 --")]
    [InlineData("-qqqv path", "s6-ipcclient -- path s6-sudoc -t 0 -T 0 --")]
    [InlineData("-vvQ path", "s6-ipcclient -- path s6-sudoc -t 0 -T 0 --")]
    [InlineData("-v path", "s6-ipcclient -v -- path s6-sudoc -t 0 -T 0 --")]
    [InlineData("-vvvvvvvv path", "s6-ipcclient -v -v -v -- path s6-sudoc -t 0 -T 0 --")]
    [InlineData("-e -t 007 -T5 -p me -l loc -- -path x", "s6-ipcclient -p me -l loc -- -path s6-sudoc -e -t 7 -T 5 -- x")]
    [InlineData("-vvvv -p me -l loc -e -t 4294967295 -T 4294967295 p", "s6-ipcclient -v -v -v -p me -l loc -- p s6-sudoc -e -t 4294967295 -T 4294967295 --")]
    public void Sudo_becomes_two_programs(string commandLine, string expected)
    {
        OptionReader reader = Of<SudoCommand>(commandLine);
        SudoOptions options = SudoOptions.Read(ref reader);
        Assert.False(reader.IsWrong);
        Assert.Equal(expected, string.Join(' ', Properties.ToTexts(options.ToCommand().Words.List)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-v")]
    [InlineData("-x path")]
    [InlineData("-t x path")]
    [InlineData("-T -1 path")]
    [InlineData("-p")]
    public void Sudo_needs_a_path_and_known_options(string commandLine)
    {
        OptionReader reader = Of<SudoCommand>(commandLine);
        _ = SudoOptions.Read(ref reader);
        Assert.True(reader.IsWrong);
    }

    [Theory]
    [InlineData("", false, 0, 0, "")]
    [InlineData("-e -t 5 -T6 a -b", true, 5, 6, "a -b")]
    [InlineData("-t1 -t2 -- -e", false, 2, 0, "-e")]
    public void Sudoc_has_limits_and_arguments(string commandLine, bool hides, uint connect, uint run, string arguments)
    {
        OptionReader reader = Of<Sudoc>(commandLine);
        SudocOptions options = SudocOptions.Read(ref reader);
        Assert.False(reader.IsWrong);
        Assert.Equal((hides, connect, run), (options.HidesEnvironment, options.ConnectMilliseconds, options.RunMilliseconds));
        Assert.Equal(arguments, string.Join(' ', Properties.ToTexts(options.Arguments.List)));
    }

    [Theory]
    [InlineData("-v")]
    [InlineData("-t")]
    [InlineData("-t x")]
    [InlineData("-T 4294967296")]
    public void Sudoc_knows_no_other_options(string commandLine)
    {
        OptionReader reader = Of<Sudoc>(commandLine);
        _ = SudocOptions.Read(ref reader);
        Assert.True(reader.IsWrong);
    }

    [Theory]
    [InlineData("", "", 0, "")]
    [InlineData("-0 prog -1", "0", 0, "prog -1")]
    [InlineData("-12 -t 300", "12", 300, "")]
    [InlineData("-d -- -0", "012d", 0, "-0")]
    public void Sudod_says_where_the_descriptors_lead(string commandLine, string set, uint milliseconds, string words)
    {
        OptionReader reader = Of<Sudod>(commandLine);
        SudodOptions options = SudodOptions.Read(ref reader);
        Assert.False(reader.IsWrong);
        Assert.Equal(
            (set.Contains('0'), set.Contains('1'), set.Contains('2'), set.Contains('d'), milliseconds),
            (options.NullInput, options.NullOutput, options.OwnError, options.Detaches, options.Milliseconds));
        Assert.Equal(words, string.Join(' ', Properties.ToTexts(options.Words.List)));
    }

    [Theory]
    [InlineData("-e")]
    [InlineData("-3")]
    [InlineData("-t")]
    [InlineData("-t 1x")]
    public void Sudod_knows_no_other_options(string commandLine)
    {
        OptionReader reader = Of<Sudod>(commandLine);
        _ = SudodOptions.Read(ref reader);
        Assert.True(reader.IsWrong);
    }

    private static OptionReader Of<TRole>(string commandLine)
        where TRole : IRole =>
        new(new Words(Properties.ToNativeList(["program", .. commandLine.Split(' ').Where(word => word.Length > 0)])), TRole.Declaration);
}
