using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;

namespace LocalService.Tests;

/// <summary>
/// Writes output as the case files do: process numbers as PID, the usage text after the program's name as <c>...</c>, the random part
/// of a temporary name as XXXXXX, ports that the kernel has chosen from the range of <c>Tools/tcp.bash</c> as PORT, tabs as
/// <c>&lt;TAB&gt;</c>, carriage returns as <c>&lt;CR&gt;</c>, blanks at the end of a line as <c>&lt;SPACE&gt;</c>, an empty line as
/// <c>(blank line)</c>.
/// </summary>
public static partial class CaseOutput
{
    /// <summary>The lines of an output. Whether the last one ends in a newline doesn't matter.</summary>
    public static IReadOnlyList<string> Lines(string output)
    {
        if (output.Length == 0)
            return [];
        string text = output.EndsWith('\n') ? output[..^1] : output;
        return [.. text.Split('\n').Select(Line)];
    }

    private static string Line(string line)
    {
        if (line.Length == 0)
            return "(blank line)";
        line = UsageText().Replace(line, "$1: usage: $1 ...");
        line = ProcessNumber().Replace(line, " pid PID");
        line = TemporaryName().Replace(line, "$1XXXXXX");
        line = ChosenPort().Replace(line, "$1PORT");
        line = line.Replace("\t", "<TAB>").Replace("\r", "<CR>");
        return FinalBlanks().Replace(line, blanks => string.Concat(Enumerable.Repeat("<SPACE>", blanks.Length)));
    }

    [GeneratedRegex(@"^(\S+): usage: \1 .*$")]
    private static partial Regex UsageText();

    [GeneratedRegex(@" pid \d+\b")]
    private static partial Regex ProcessNumber();

    [GeneratedRegex(@"(:s6-accessrules-cdb-from-fs:)[A-Za-z0-9]{6}\b")]
    private static partial Regex TemporaryName();

    [GeneratedRegex(@"(_|PORT=|^)60\d{3}\b")]
    private static partial Regex ChosenPort();

    [GeneratedRegex(" +$")]
    private static partial Regex FinalBlanks();
}
