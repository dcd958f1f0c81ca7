using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Xunit;

namespace LocalService.Tests.EndToEnd.Native;

/// <summary>Equal sources give equal bytes, whatever folder they are built in: anybody can check what they were given.</summary>
public sealed class ReproducibleBuildTests
{
    private static readonly TimeSpan limit = TimeSpan.FromMinutes(5);

    [Fact]
    public void TwoFoldersGiveTheSameExecutable()
    {
        using var directory = new TestDirectory();
        string first = directory["a"];
        string second = directory["another/and a deeper one"];
        Build(first);
        Build(second);
        AssertEqual(first, second, "bin/localservice");
        AssertEqual(first, second, "bin/localservice.debug");
    }

    private static void AssertEqual(string first, string second, string file) =>
        Assert.Equal(File.ReadAllBytes(Path.Combine(first, file)), File.ReadAllBytes(Path.Combine(second, file)));

    private static void Build(string folder)
    {
        CopySources(folder);
        ProcessResult result = TestProcess.Run(
            ["dotnet", "publish", "Multicall.csproj", "-c", "Release", "-nologo", "-v", "quiet"], folder, ThisEnvironment(), limit: limit);
        Assert.True(result.ExitCode == 0, $"{result.Output}\n{result.Error}");
    }

    private static void CopySources(string folder)
    {
        foreach (string file in Directory.GetFiles(Repository.Root).Concat(
            Directory.GetFiles(Repository.PathOf("src"), "*", SearchOption.AllDirectories)))
        {
            string copy = Path.Combine(folder, Path.GetRelativePath(Repository.Root, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    // The compiler's own folders, the package cache among them, are found by it.
    private static Dictionary<string, string> ThisEnvironment() =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Where(variable => !((string)variable.Key).StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase))
            .ToDictionary(variable => (string)variable.Key, variable => (string)(variable.Value ?? ""));
}
