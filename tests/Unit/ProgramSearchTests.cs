using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;
using Xunit;

namespace LocalService.Tests.Unit;

public sealed class ProgramSearchTests
{
    private static readonly Gen<int> errors = Gen.Elements(
        libc.ENOENT, libc.ENOENT, libc.ENOENT, libc.EACCES, libc.EPERM, libc.EISDIR, libc.ENOTDIR, libc.ENOEXEC, libc.E2BIG, libc.ELOOP);

    [Fact]
    public void Candidates_are_the_elements_of_PATH() => Properties.ForAll(Properties.Text(":/ab.", 20), path =>
    {
        string[] expected = [.. path.Split(':').Where(element => element.Length > 0).Select(element => element + "/prog")];
        Assert.Equal(expected, Walk("prog", ["PATH=" + path], [], out _));
    });

    [Theory]
    [InlineData("a/b")]
    [InlineData("/a")]
    [InlineData("./a")]
    [InlineData("a/")]
    public void A_name_with_a_slash_is_taken_as_it_is(string name) => Assert.Equal([name], Walk(name, ["PATH=/x:/y"], [], out _));

    [Fact]
    public void Without_PATH_the_usual_places_are_searched() => Assert.Equal(["/usr/bin/p", "/bin/p"], Walk("p", ["A=1"], [], out _));

    [Fact]
    public void An_empty_PATH_has_no_candidates_and_means_not_found()
    {
        Assert.Empty(Walk("p", ["PATH="], [], out int error));
        Assert.Equal(libc.ENOENT, error);
    }

    [Fact]
    public void Errors_end_the_walk_or_are_remembered() => Properties.ForAll(Properties.List(errors, 8), outcomes =>
    {
        string path = string.Join(':', outcomes.Select((_, index) => $"/{index}"));
        int[] harmless = [libc.ENOENT, libc.EACCES, libc.EPERM, libc.EISDIR, libc.ENOTDIR];
        int tried = outcomes.TakeWhile(harmless.Contains).Count();
        int[] seen = outcomes[..Math.Min(tried + 1, outcomes.Length)];

        string[] visited = Walk("p", ["PATH=" + path], outcomes, out int error);

        Assert.Equal(seen.Length, visited.Length);
        Assert.Equal(seen.LastOrDefault(number => number != libc.ENOENT, libc.ENOENT), error);
    });

    /// <summary>Goes through all candidates, each failing with the error of its turn (ENOENT after the last).</summary>
    private static unsafe string[] Walk(string name, string[] environment, int[] errors, out int error)
    {
        ProgramSearch search = ProgramCandidates.Of(name.ToBytes(), new EnvironmentBlock(Properties.ToNativeList(environment))).Search();
        var visited = new List<string>();
        while (search.MoveNext())
        {
            visited.Add(Bytes.OfC(search.Current).ToText());
            search.Reject(new Errno(visited.Count <= errors.Length ? errors[visited.Count - 1] : libc.ENOENT));
        }
        error = search.Error.Number;
        return [.. visited];
    }
}
