using System;
using System.Collections.Generic;
using System.Text;
using Xunit;

namespace LocalService.Tests;

/// <summary>Runs a row of a case table with bash, as root, in an empty directory, with the null device as descriptor 0.</summary>
public static class BashCase
{
    private static readonly TimeSpan usualLimit = TimeSpan.FromSeconds(60);

    /// <summary>Runs a row and compares stdout, stderr and exit code with what the row expects of these programs: <see cref="Attempts"/>.</summary>
    /// <param name="programs">The programs.</param>
    /// <param name="table">The name of the table.</param>
    /// <param name="number">The number of the row.</param>
    /// <param name="title">Its title.</param>
    /// <param name="ownNetwork">Whether it runs in a network of its own, with the helpers of <c>Tools/tcp.bash</c>: <see cref="NetworkScript"/>.</param>
    public static void Check(ProgramsUnderTest programs, string table, int number, string title, bool ownNetwork = false)
    {
        CaseRow row = CaseFile.Read(table, number);
        Assert.Equal(title, row.Title);
        string script = ownNetwork ? NetworkScript.Wrap(row.Script) : row.Script;
        string expected = Describe(programs.IsPeer ? row.Peer : row.Ours);
        // The C programs alone show that the table tells the truth; this project's programs get one attempt.
        if (programs.IsPeer)
            Attempts.Of($"{table} {row.Number}. {row.Title}", CheckOnce);
        else
            CheckOnce();

        void CheckOnce()
        {
            ProcessResult result = Run(programs, script);
            string actual = Describe(new CaseExpectation(CaseOutput.Lines(result.Output), CaseOutput.Lines(result.Error), result.ExitCode));
            Assert.True(expected == actual, $"{table} {row.Number}. {row.Title}\n$ {row.Script}\nexpected:\n{expected}\nactual:\n{actual}");
        }
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

    private static string Describe(CaseExpectation expectation)
    {
        var text = new StringBuilder();
        foreach (string line in expectation.Output)
            text.Append("> ").AppendLine(line);
        foreach (string line in expectation.Error)
            text.Append("2> ").AppendLine(line);
        return text.Append("= ").Append(expectation.ExitCode).ToString();
    }
}
