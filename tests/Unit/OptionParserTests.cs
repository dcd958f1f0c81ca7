using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using LocalService.CommandLine;
using Xunit;

namespace LocalService.Tests.Unit;

public sealed class OptionParserTests
{
    private const string Letters = "ab:cx:1";

    private static readonly Gen<string[]> commandLines = Properties.List(
        Gen.OneOf(Properties.Text("-abcx15:?", 4), Gen.Elements("--", "-", "", "-a", "-b", "-b5", "-ab", "-acx", "--a", "word")), 6);

    [Fact]
    public void AgreesWithTheRules() => Properties.ForAll(
        commandLines,
        words =>
        {
            List<string> events = [];
            int? rest = Model(words, events);
            Assert.Equal(events, Parse(words, out string[] actualRest));
            if (rest is not null)
                Assert.Equal(words[rest.Value..], actualRest);
        },
        runs: 20_000);

    [Fact]
    public void AnEmptyArgumentIsAnArgument()
    {
        Assert.Equal(["b="], Parse(["-b", "", "word"], out string[] rest));
        Assert.Equal(["word"], rest);
    }

    [Fact]
    public void AnArgumentMayLookLikeAnything()
    {
        Assert.Equal(["b=--", "x=-a"], Parse(["-b", "--", "-x", "-a", "--", "--"], out string[] rest));
        Assert.Equal(["--"], rest);
    }

    /// <summary>The product's parser: <c>LETTER=ARGUMENT</c> for each option, <c>wrong</c> for the error that ends it.</summary>
    private static unsafe List<string> Parse(string[] words, out string[] rest)
    {
        var parser = new OptionParser(new Words(Properties.ToNativeList(words.Prepend("program"))), Letters.ToBytes());
        var events = new List<string>();
        rest = [];
        while (true)
        {
            byte letter = parser.Next();
            if (letter == OptionParser.Wrong)
            {
                events.Add("wrong");
                return events;
            }
            if (letter == OptionParser.End)
            {
                rest = Properties.ToTexts(parser.Rest.List);
                return events;
            }
            events.Add($"{(char)letter}={parser.Argument.ToText()}");
        }
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
            for (string cluster = words[i][1..]; cluster.Length > 0;)
            {
                char letter = cluster[0];
                cluster = cluster[1..];
                int known = letter == ':' ? -1 : Letters.IndexOf(letter);
                bool takesArgument = known >= 0 && known + 1 < Letters.Length && Letters[known + 1] == ':';
                if (known < 0 || (takesArgument && cluster == "" && i + 1 == words.Length))
                {
                    events.Add("wrong");
                    return null;
                }
                string argument = !takesArgument ? "" : cluster != "" ? cluster : words[++i];
                cluster = takesArgument ? "" : cluster;
                events.Add($"{letter}={argument}");
            }
        }
        return words.Length;
    }
}
