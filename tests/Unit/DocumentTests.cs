using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace LocalService.Tests.Unit;

/// <summary>What the sources cite can be followed inside the repository: doc/spec holds it.</summary>
public sealed partial class DocumentTests
{
    [Fact]
    public void Every_specification_that_the_sources_cite_is_there_with_its_section()
    {
        string[] missing = [.. Sources().SelectMany(file => Citation().Matches(Text(file)).Select(match => Missing(file, match))).Where(text => text.Length > 0)];
        Assert.True(missing.Length == 0, string.Join('\n', missing));
    }

    [Fact]
    public void Every_decision_that_the_sources_cite_is_in_the_list()
    {
        HashSet<string> decisions = [.. NumberedLine().Matches(File.ReadAllText(Repository.PathOf("doc", "spec", "README.md"))).Select(match => match.Groups[1].Value)];
        string[] missing =
        [
            .. Sources().SelectMany(file => DecisionNumber().Matches(Text(file)).Select(match => match.Groups[1].Value).Where(number => !decisions.Contains(number))
                .Select(number => $"{file}: decision {number}")),
        ];
        Assert.True(missing.Length == 0, string.Join('\n', missing));
    }

    private static string Missing(string file, Match citation)
    {
        string name = citation.Groups[1].Value;
        string path = Repository.PathOf("doc", "spec", name + ".md");
        if (!File.Exists(path))
            return $"{file}: specification \"{name}\"";
        string section = citation.Groups[2].Value;
        return section.Length == 0 || Regex.IsMatch(File.ReadAllText(path), $@"^#+ {Regex.Escape(section)}\b", RegexOptions.Multiline)
            ? ""
            : $"{file}: specification \"{name}\", section {section}";
    }

    private static IEnumerable<string> Sources() =>
        new[] { "src", "tests" }.SelectMany(folder => Directory.EnumerateFiles(Repository.PathOf(folder), "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal));

    // A comment goes on in the next line.
    private static string Text(string file) => CommentBreak().Replace(File.ReadAllText(file), " ");

    [GeneratedRegex(@"[Ss]pecification\s+""([a-z-]+)""(?:,\s+sections?\s+([0-9]+(?:\.[0-9]+)?))?")]
    private static partial Regex Citation();

    [GeneratedRegex(@"[Dd]ecision\s+([0-9]+)")]
    private static partial Regex DecisionNumber();

    [GeneratedRegex(@"^([0-9]+)\. ", RegexOptions.Multiline)]
    private static partial Regex NumberedLine();

    [GeneratedRegex(@"\s*\n\s*(///?|//)?\s*")]
    private static partial Regex CommentBreak();
}
