using BenchmarkDotNet.Attributes;
using LocalService.Access;
using LocalService.Posix;
using LocalService.Rules;

namespace LocalService.Bench.Types;

/// <summary>Decisions about a client, by rules that have an environment.</summary>
public unsafe class RuleDecisions
{
    private const uint Known = 1000;
    private const uint Unknown = 1001;

    private readonly string root = Directory.CreateTempSubdirectory().FullName;
    private RuleSource directory;
    private RuleSource database;
    private Allowance allowance;

    /// <summary>Writes the rules: one user is let in, all others are kept out.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        string rules = Path.Combine(root, "rules");
        _ = Directory.CreateDirectory(Path.Combine(rules, $"uid/{Known}/env"));
        _ = Directory.CreateDirectory(Path.Combine(rules, "uid/default"));
        File.WriteAllText(Path.Combine(rules, $"uid/{Known}/allow"), "");
        File.WriteAllText(Path.Combine(rules, $"uid/{Known}/env/GREETING"), "Welcome\n");
        File.WriteAllText(Path.Combine(rules, "uid/default/deny"), "");
        string compiled = Path.Combine(root, "rules.cdb");
        Compile(rules, compiled);
        directory = RuleSource.Directory(NativeText.Of(rules));
        database = RuleSource.Database(NativeText.Of(compiled));
        foreach (RuleSource source in (RuleSource[])[directory, database])
        {
            if (Decide(source, Known) != (int)Verdict.Allow || Decide(source, Unknown) != (int)Verdict.Deny)
                throw new InvalidOperationException("wrong decisions");
        }
    }

    /// <summary>Removes the rules.</summary>
    [GlobalCleanup]
    public void CleanUp()
    {
        allowance.Free();
        Directory.Delete(root, recursive: true);
    }

    /// <summary>The first key has a rule, with a variable.</summary>
    [Benchmark]
    public int AllowByDirectory() => Decide(directory, Known);

    /// <summary>Only the last key has a rule.</summary>
    [Benchmark]
    public int DenyByDirectory() => Decide(directory, Unknown);

    /// <summary>The first key has a rule, with a variable.</summary>
    [Benchmark]
    public int AllowByDatabase() => Decide(database, Known);

    /// <summary>Only the last key has a rule.</summary>
    [Benchmark]
    public int DenyByDatabase() => Decide(database, Unknown);

    private int Decide(RuleSource source, uint user) =>
        (int)RuleSearch.Decide(source, new PeerKeys(new PeerCredentials(user, user), new PeerCredentials(1, 1)), default, ref allowance).Verdict;

    private static void Compile(string rules, string database)
    {
        using FileStream file = File.Create(database);
        int descriptor = (int)file.SafeFileHandle.DangerousGetHandle();
        var compiler = new RuleCompiler(new CommandLine.Diagnostics("bench"u8), NativeText.Of(rules), descriptor, translatesNames: false);
        int code = compiler.Run().Code;
        compiler.Free();
        if (code != 0)
            throw new IOException($"{rules}: exit code {code}");
    }
}
