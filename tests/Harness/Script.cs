using System;
using System.Linq;
using Xunit;

namespace LocalService.Tests;

/// <summary>
/// A test written in bash. It runs as root in an empty directory, with the null device as descriptor 0, the programs and helpers on PATH, and the
/// functions of <c>Tools/functions.bash</c>. Expected output is written as in the case tables: see <see cref="CaseOutput"/>.
/// </summary>
public static class Script
{
    /// <summary>Runs commands and compares their output.</summary>
    /// <param name="script">The commands.</param>
    /// <param name="output">The lines expected on descriptor 1.</param>
    /// <param name="error">The lines expected on descriptor 2.</param>
    /// <param name="programs">The toolkit on PATH; this project's when not given.</param>
    /// <param name="limit">How long it may take; a minute when not given.</param>
    public static void Expect(string script, string output, string error = "", ProgramsUnderTest? programs = null, TimeSpan? limit = null)
    {
        ProcessResult result = BashCase.Run(programs ?? ProgramsUnderTest.Ours, "source functions.bash\n" + script, limit);
        string expected = Describe(output, error);
        string actual = Describe(result.Output, result.Error);
        Assert.True(expected == actual, $"$ {script}\nexpected:\n{expected}\nactual (exit code {result.ExitCode}):\n{actual}");
    }

    private static string Describe(string output, string error) =>
        string.Join('\n', CaseOutput.Lines(output).Select(line => "> " + line).Concat(CaseOutput.Lines(error).Select(line => "2> " + line)));
}
