using System;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;

namespace LocalService.Tests;

/// <summary>Examples from the documents, for tests that execute them word for word.</summary>
public static partial class Documents
{
    /// <summary>The first block of code below a heading, or below any other line that begins with this text.</summary>
    public static string Block(string file, string heading) => string.Join('\n', Lines(file)
        .SkipWhile(line => !line.StartsWith(heading, StringComparison.Ordinal)).SkipWhile(line => line != "```").Skip(1).TakeWhile(line => line != "```"));

    /// <summary>The inline code that is a command line: several words, the first of which is a program of the toolkit.</summary>
    public static string[] Commands(string file) => [.. Lines(file).SelectMany(Code).Where(code => CommandLine().IsMatch(code))];

    /// <summary>The cells of each row of the table whose first column has this title.</summary>
    public static string[][] Table(string file, string title) => [.. Lines(file)
        .SkipWhile(line => !line.StartsWith($"| {title} |", StringComparison.Ordinal)).Skip(2).TakeWhile(line => line.StartsWith('|'))
        .Select(line => (string[])[.. line.Trim('|').Split('|').Select(cell => cell.Trim())])];

    /// <summary>The inline code in a text.</summary>
    public static string[] Code(string text) => [.. Span().Matches(text).Select(match => match.Groups[1].Value)];

    private static string[] Lines(string file) => File.ReadAllLines(Repository.PathOf(file));

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Span();

    [GeneratedRegex("^s6-[a-z0-9-]+ ")]
    private static partial Regex CommandLine();
}
