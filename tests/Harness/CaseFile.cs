using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace LocalService.Tests;

/// <summary>
/// The case tables, <c>tests/EndToEnd/Cases/*.cases</c>. A row begins with <c>NUMBER. TITLE</c>; then, each line with its own mark:
/// <code>
/// $ COMMANDS        bash; further lines begin with two blanks
/// > LINE            expected on stdout, once per line
/// 2> LINE           expected on stderr
/// = CODE            exit code, 0 when absent
/// ! REASON          why this differs from the C programs: the decision
/// C> C2> C=         what the C programs do instead; each replaces all lines of its kind
/// </code>
/// Lines that begin with # and empty lines are for the reader. <c>(none)</c> after C> or C2> means no line at all.
/// </summary>
public static class CaseFile
{
    private const string None = "(none)";

    /// <summary>Reads a table by its name, such as <c>server</c>.</summary>
    public static IReadOnlyList<CaseRow> Read(string name)
    {
        string path = Repository.PathOf("tests", "EndToEnd", "Cases", name + ".cases");
        var rows = new List<CaseRow>();
        var block = new List<string>();
        foreach (string line in File.ReadLines(path).Where(line => line.Length > 0 && line[0] != '#').Append("0."))
        {
            if (char.IsAsciiDigit(line[0]) && !line.StartsWith("2> ", StringComparison.Ordinal))
            {
                if (block.Count > 0)
                    rows.Add(Parse(path, block));
                block.Clear();
            }
            block.Add(line);
        }
        return rows;
    }

    /// <summary>A row of a table.</summary>
    public static CaseRow Read(string name, int number) => Read(name).Single(row => row.Number == number);

    private static CaseRow Parse(string path, List<string> block)
    {
        string[] heading = block[0].Split(". ", 2);
        var lines = new Dictionary<string, List<string>>();
        string mark = "";
        foreach (string line in block.Skip(1))
        {
            string text = line;
            if (!line.StartsWith("  ", StringComparison.Ordinal))
            {
                mark = line.Split(' ', 2)[0];
                text = line[mark.Length..];
            }
            if (mark is not ("$" or ">" or "2>" or "=" or "!" or "C>" or "C2>" or "C=") || text.Length < 2)
                throw new FormatException($"{path}, row {heading[0]}: {line}");
            if (!lines.TryGetValue(mark, out List<string>? list))
                lines[mark] = list = [];
            list.Add(text.StartsWith("  ", StringComparison.Ordinal) && mark == "$" ? text[2..] : text[1..]);
        }
        List<string> Lines(string wanted) => lines.GetValueOrDefault(wanted, []);
        List<string> LinesOr(string wanted, List<string> otherwise) => [.. lines.GetValueOrDefault(wanted, otherwise).Where(line => line != None)];
        int ExitCode(string wanted, int otherwise) => Lines(wanted) is [string code] ? int.Parse(code, null) : otherwise;
        var ours = new CaseExpectation(Lines(">"), Lines("2>"), ExitCode("=", 0));
        var peer = new CaseExpectation(LinesOr("C>", Lines(">")), LinesOr("C2>", Lines("2>")), ExitCode("C=", ours.ExitCode));
        return new CaseRow(int.Parse(heading[0], null), heading[1], string.Join('\n', Lines("$")), ours, peer);
    }
}
