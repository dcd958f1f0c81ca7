using System;
using Xunit;

namespace LocalService.Tests.EndToEnd.Native;

// Short versions of proofs that show more when they run longer: doc/proof.md. Each class is a collection of its own: they run in parallel.

/// <summary>Every order of events in the model of the server.</summary>
public sealed class ModelTests
{
    [Fact]
    public void The_model_of_the_server_holds_and_faults_in_it_are_found() => Proof.Run(Repository.PathOf("build.sh"), "model");
}

/// <summary>The parsers as they are compiled.</summary>
public sealed class FuzzTests
{
    [Fact]
    public void The_parsers_withstand_the_corpus_and_some_seconds_of_fuzzing() => Proof.Run(Repository.PathOf("build.sh"), "fuzz", "2");
}

/// <summary>Everything at once.</summary>
public sealed class SoakTests
{
    [Fact]
    public void Nothing_goes_wrong_under_load_with_faults() =>
        Proof.Run("python3", Repository.PathOf("tests/Soak/soak.py"), Repository.PathOf("bin/localservice"), "0.005");
}

internal static class Proof
{
    private static readonly TimeSpan limit = TimeSpan.FromMinutes(10);

    internal static void Run(params string[] command)
    {
        ProcessResult result = TestProcess.Run(command, Repository.Root, limit: limit);
        Assert.True(result.ExitCode == 0, $"{result.Output}\n{result.Error}");
    }
}
