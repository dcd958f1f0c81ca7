namespace LocalService.Bench;

/// <summary>
/// What a role costs that only becomes another program: <c>connlimit true</c> against a C program that does nothing but the same
/// execve(2), from the start of the process until its end has been noticed.
/// </summary>
internal static class Startup
{
    internal const int DefaultRounds = 4000;

    private static readonly string[] Environment =
        ["PATH=/usr/local/bin:/usr/bin:/bin", "PROTO=IPC", "IPCREMOTEEUID=1000", "IPCREMOTEEGID=1000", "IPCCONNNUM=1"];

    internal static int Run(int rounds)
    {
        ChildProcess.UseOneProcessor();
        string floors = Path.GetFullPath("obj/bench");
        Console.WriteLine("| becomes | program | µs, median (quartiles) | × the faster floor |");
        Console.WriteLine("|---|---|---|---|");
        foreach (string target in (string[])[Path.Combine(floors, "true"), "/bin/true"])
            Compare(rounds, floors, target);
        return 0;
    }

    private static void Compare(int rounds, string floors, string target)
    {
        var candidates = new List<(string Name, ChildProcess Command)>
        {
            ("static C, execve only", Command($"{floors}/execve-floor", "execve-floor", target)),
            ("static PIE C, execve only", Command($"{floors}/execve-floor-pie", "execve-floor", target)),
            ("**localservice connlimit**", Command(Path.GetFullPath("bin/localservice"), "connlimit", target)),
        };
        if (File.Exists("/usr/bin/s6-connlimit"))
            candidates.Add(("Debian's s6-connlimit", Command("/usr/bin/s6-connlimit", "s6-connlimit", target)));
        foreach (string variant in Directory.GetFiles(floors, "localservice*").Order())
            candidates.Add((Path.GetFileName(variant), Command(variant, "connlimit", target)));
        candidates.Add(("the program itself, started directly", new ChildProcess(target, ["true"], Environment)));

        var comparison = new Comparison(rounds, () => RunOnce(candidates[^1].Command), [.. candidates.Select(candidate => (Action)(() => RunOnce(candidate.Command)))]);
        comparison.Run();
        int floor = comparison.Time(0).Median <= comparison.Time(1).Median ? 0 : 1;
        string label = target == "/bin/true" ? "`/bin/true` (dynamic)" : "`_exit(0)` (static)";
        for (int i = 0; i < candidates.Count; i++)
            Console.WriteLine($"| {label} | {candidates[i].Name} | {comparison.Time(i).Format("F0")} | {comparison.Ratio(i, floor).Format("F3")} |");
    }

    private static ChildProcess Command(string file, string name, string target) => new(file, [name, target], Environment);

    private static void RunOnce(ChildProcess command)
    {
        int code = ChildProcess.Wait(command.Start());
        if (code != 0)
            throw new InvalidOperationException($"exit code {code}");
    }
}
