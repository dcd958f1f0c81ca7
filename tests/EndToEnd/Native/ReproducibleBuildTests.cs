using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace LocalService.Tests.EndToEnd.Native;

/// <summary>Equal sources give equal bytes in any folder, so anybody can check an executable against the sources.</summary>
public sealed partial class ReproducibleBuildTests
{
    private static readonly TimeSpan limit = TimeSpan.FromMinutes(10);

    [Fact]
    public void Another_folder_gives_the_same_executable()
    {
        using var directory = new TestDirectory();
        string folder = directory["another/and a deeper one"];
        CopySources(folder);
        ProcessResult result = TestProcess.Run(
            ["dotnet", "publish", "Multicall.csproj", "-c", "Release", "-nologo", "-v", "quiet", $"-p:SourceCommit={CommitOf(Repository.Executable)}"],
            folder, ThisEnvironment(), limit: limit);
        Assert.True(result.ExitCode == 0, $"{result.Output}\n{result.Error}");
        foreach (string file in (string[])["localservice", "localservice.debug"])
        {
            Assert.True(
                File.ReadAllBytes(Repository.PathOf("bin", file)).SequenceEqual(File.ReadAllBytes(Path.Combine(folder, "bin", file))),
                $"bin/{file} is not what these sources give in another folder");
        }
    }

    // The copy has no repository that could tell the commit.
    private static string CommitOf(string executable)
    {
        string version = TestProcess.Run([executable, "--version"], Repository.Root).Output;
        Match commit = CommitInVersion().Match(version);
        Assert.True(commit.Success, version);
        return commit.Groups[1].Value;
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

    // The compiler finds its own folders, including the package cache, by these variables.
    private static Dictionary<string, string> ThisEnvironment() =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Where(variable => !((string)variable.Key).StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase))
            .ToDictionary(variable => (string)variable.Key, variable => (string)(variable.Value ?? ""));

    [GeneratedRegex(@"\(commit ([^,]+),")]
    private static partial Regex CommitInVersion();
}
