using System;
using System.IO;
using System.Linq;
using Xunit;

namespace LocalService.Tests.EndToEnd.Native;

/// <summary>The short versions of what proves more when it runs for longer: doc/proof.md.</summary>
public sealed class ProofTests
{
    private static readonly TimeSpan limit = TimeSpan.FromMinutes(10);

    [Fact]
    public void TheModelOfTheServerHoldsAndFindsFaults() => Run(Repository.PathOf("build.sh"), "model");

    [Fact]
    public void TheParsersWithstandTheCorpusAndSomeSecondsOfFuzzing() => Run(Repository.PathOf("build.sh"), "fuzz", "2");

    [Fact]
    public void NothingGoesWrongUnderLoadWithFaults() =>
        Run("python3", Repository.PathOf("tests/Soak/soak.py"), Repository.PathOf("bin/localservice"), "0.005");

    private static void Run(params string[] command)
    {
        ProcessResult result = TestProcess.Run(command, Repository.Root, limit: limit);
        Assert.True(result.ExitCode == 0, $"{result.Output}\n{result.Error}");
    }
}
