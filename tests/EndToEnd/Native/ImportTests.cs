using System;
using System.Collections.Generic;
using System.Linq;
using Xunit;

namespace LocalService.Tests.EndToEnd.Native;

/// <summary>
/// Proves that no runtime is linked in: the compiled object imports functions of libc and two words, nothing else. An allocation of a managed object,
/// an exception, a cast or a delegate would each import a helper of the runtime.
/// </summary>
public sealed class ImportTests
{
    private static readonly string[] words = ["RhpTrapThreads", "__security_cookie"];

    [Fact]
    public void The_object_imports_only_libc()
    {
        HashSet<string> libc = [.. Symbols("--defined-only", "/usr/lib/x86_64-linux-musl/libc.a")];
        string[] imports = [.. Symbols("--undefined-only", Repository.PathOf("obj", "native", "localservice.o"))];

        Assert.Contains("execve", imports);
        Assert.DoesNotContain(imports, import => !libc.Contains(import) && !words.Contains(import));
    }

    private static IEnumerable<string> Symbols(string which, string file)
    {
        using var directory = new TestDirectory();
        ProcessResult result = TestProcess.Run(["nm", "--format=posix", "--quiet", which, file], directory.FullPath);
        Assert.Equal(0, result.ExitCode);
        // NAME TYPE [VALUE SIZE]; the members of an archive are lines that end in a colon.
        return result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.EndsWith(':')).Select(line => line.Split(' ')[0]);
    }
}
