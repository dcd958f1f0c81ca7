using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Text.RegularExpressions;
using Xunit;

namespace LocalService.Tests;

/// <summary>Runs a row of a case table: root, bash, an empty directory, descriptor 0 the null device.</summary>
public static partial class BashCase
{
    // The rows are those of the specification, and many pause for as long as other processes should take. On a busy machine that is too short
    // now and then, for the C programs as well.
    private const int Attempts = 3;

    private static readonly TimeSpan usualLimit = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Runs a row and compares stdout, stderr and exit code with what it expects of these programs. One with processes in the background may
    /// take three attempts.
    /// </summary>
    /// <param name="programs">The programs.</param>
    /// <param name="table">The name of the table.</param>
    /// <param name="number">The number of the row.</param>
    /// <param name="title">Its title.</param>
    /// <param name="ownNetwork">Whether it runs in a network of its own, with the helpers of <c>Tools/tcp.bash</c>: <see cref="NetworkScript"/>.</param>
    public static void Check(ProgramsUnderTest programs, string table, int number, string title, bool ownNetwork = false)
    {
        CaseRow row = CaseFile.Read(table, number);
        Assert.Equal(title, row.Title);
        string expected = Describe(programs.IsPeer ? row.Peer : row.Ours);
        string actual = "";
        for (int attempt = 1; attempt == 1 || (attempt <= Attempts && InBackground().IsMatch(row.Script)); attempt++)
        {
            ProcessResult result = Run(programs, ownNetwork ? NetworkScript.Wrap(row.Script) : row.Script);
            actual = Describe(new CaseExpectation(CaseOutput.Lines(result.Output), CaseOutput.Lines(result.Error), result.ExitCode));
            if (actual == expected)
                return;
            Record($"{programs.Name}: {table} {row.Number}. {row.Title}: attempt {attempt}:\n{actual}\n");
        }
        Assert.Fail($"{table} {row.Number}. {row.Title}\n$ {row.Script}\nexpected:\n{expected}\nactual:\n{actual}");
    }

    /// <summary>Runs bash commands with the programs and the helpers of the case tables on PATH.</summary>
    public static ProcessResult Run(ProgramsUnderTest programs, string script, TimeSpan? limit = null)
    {
        Prerequisites.Require();
        using var directory = new TestDirectory();
        var environment = new Dictionary<string, string> { ["PATH"] = programs.SearchPath, ["HOME"] = "/", ["LC_ALL"] = "C" };
        string[] command = ["/usr/bin/bash", "-c", "umask 022; exec </dev/null; eval \"$1\"", "bash", script];
        return TestProcess.Run(command, directory.FullPath, environment, limit: limit ?? usualLimit);
    }

    /// <summary>Keeps what a row did that it should not do, beside the results: the totals tell how many there were.</summary>
    private static void Record(string text)
    {
        string folder = Directory.CreateDirectory(Repository.PathOf("obj", "test-results")).FullName;
        File.AppendAllText(Path.Combine(folder, "attempts"), text);
    }

    private static string Describe(CaseExpectation expectation)
    {
        var text = new StringBuilder();
        foreach (string line in expectation.Output)
            text.Append("> ").AppendLine(line);
        foreach (string line in expectation.Error)
            text.Append("2> ").AppendLine(line);
        return text.Append("= ").Append(expectation.ExitCode).ToString();
    }

    // What isn't waited for: an ampersand that is no operator of two and no redirection.
    [GeneratedRegex("(?<![&>])&(?![&>0-9])")]
    private static partial Regex InBackground();
}
