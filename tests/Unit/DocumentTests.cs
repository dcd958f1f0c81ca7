using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace LocalService.Tests.Unit;

/// <summary>Every citation in the sources and the documents has a target in the repository.</summary>
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

    [Fact]
    public void Every_role_is_named_in_the_README()
    {
        string text = File.ReadAllText(Repository.PathOf("README.md"));
        string[] roles = [.. RoleLine().Matches(File.ReadAllText(Repository.PathOf("src", "RoleTable.cs"))).Select(match => match.Groups[1].Value)];
        Assert.NotEmpty(roles);
        Assert.All(roles, role => Assert.Contains($"`{role}`", text, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_relative_link_of_a_document_leads_to_a_file_and_a_heading()
    {
        string[] documents = [Repository.PathOf("README.md"), .. Directory.GetFiles(Repository.PathOf("doc"), "*.md", SearchOption.AllDirectories)];
        string[] broken = [.. documents.SelectMany(document => Link().Matches(WithoutCode(document)).Select(match => match.Groups[1].Value)
            .Where(target => !target.Contains("://", StringComparison.Ordinal) && !LeadsSomewhere(document, target)).Select(target => $"{document}: {target}"))];
        Assert.True(broken.Length == 0, string.Join('\n', broken));
    }

    private static bool LeadsSomewhere(string document, string target)
    {
        string[] parts = target.Split('#', 2);
        string path = parts[0].Length == 0 ? document : Path.Combine(Path.GetDirectoryName(document)!, parts[0]);
        if (parts.Length == 1)
            return File.Exists(path) || Directory.Exists(path);
        return File.Exists(path) && Heading().Matches(WithoutCode(path)).Any(match => Anchor(match.Groups[1].Value) == parts[1]);
    }

    // The anchor of a heading in common Markdown renderers: lower case, hyphens for blanks, no other punctuation.
    private static string Anchor(string heading) => NoAnchor().Replace(heading.ToLowerInvariant(), "").Replace(' ', '-');

    // A block of code has neither links nor headings.
    private static string WithoutCode(string document) => CodeBlock().Replace(File.ReadAllText(document), "");

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

    // Joins the lines of a comment.
    private static string Text(string file) => CommentBreak().Replace(File.ReadAllText(file), " ");

    [GeneratedRegex(@"[Ss]pecification\s+""([a-z-]+)""(?:,\s+sections?\s+([0-9]+(?:\.[0-9]+)?))?")]
    private static partial Regex Citation();

    [GeneratedRegex(@"[Dd]ecision\s+([0-9]+)")]
    private static partial Regex DecisionNumber();

    [GeneratedRegex(@"^([0-9]+)\. ", RegexOptions.Multiline)]
    private static partial Regex NumberedLine();

    [GeneratedRegex(@"search\.Finds\(""([a-z0-9-]+)""u8\)")]
    private static partial Regex RoleLine();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ +(.+?) *$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\p{L}\p{N} _-]")]
    private static partial Regex NoAnchor();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"\s*\n\s*(///?|//)?\s*")]
    private static partial Regex CommentBreak();
}
