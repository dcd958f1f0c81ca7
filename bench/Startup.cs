namespace LocalService.Bench;

/// <summary>
/// What a role costs that only becomes another program: <c>connlimit true</c> against a C program that does nothing but the same
/// execve(2), from the start of the process until its end has been noticed.
/// </summary>
internal static class Startup
{
    internal const int DefaultRounds = 4000;

    private const string Peer = "/usr/bin/s6-connlimit";

    private static readonly string[] Environment =
        ["PATH=/usr/local/bin:/usr/bin:/bin", "PROTO=IPC", "IPCREMOTEEUID=1000", "IPCREMOTEEGID=1000", "IPCCONNNUM=1"];

    /// <param name="rounds">How often each candidate is started.</param>
    /// <param name="others">Other builds of the executable, to compare.</param>
    internal static int Run(int rounds, IEnumerable<string> others)
    {
        ChildProcess.UseOneProcessor();
        string directory = Directory.CreateTempSubdirectory().FullName;
        try
        {
            Console.WriteLine("| becomes | program | µs, median (quartiles) | × the faster floor |");
            Console.WriteLine("|---|---|---|---|");
            string[] builds = [.. others];
            Compare(rounds, directory, "`_exit(0)`, static", "obj/bench/true", builds);
            Compare(rounds, directory, "`/bin/true`, dynamic", "/bin/true", builds);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
        return 0;
    }

    private static void Compare(int rounds, string directory, string label, string targetFile, string[] others)
    {
        string target = Copy(targetFile, directory);
        var names = new List<string>();
        var commands = new List<ChildProcess>();
        Add("C, static", "obj/bench/execve-floor");
        Add("C, static, at a random address", "obj/bench/execve-floor-pie");
        Add("**localservice connlimit**", "bin/localservice");
        if (File.Exists(Peer))
            Add("Debian's s6-connlimit", Peer);
        foreach (string other in others)
            Add(other, other);
        names.Add("none: it is started directly");
        var direct = new ChildProcess(target, ["true"], Environment);
        commands.Add(direct);

        var comparison = new Comparison(rounds, () => RunOnce(direct), [.. commands.Select(command => (Action)(() => RunOnce(command)))]);
        comparison.Run();
        int floor = comparison.Time(0).Median <= comparison.Time(1).Median ? 0 : 1;
        for (int i = 0; i < names.Count; i++)
            Console.WriteLine($"| {label} | {names[i]} | {comparison.Time(i).Format("F0")} | {comparison.Ratio(i, floor).Format("F3")} |");

        void Add(string name, string file)
        {
            names.Add(name);
            commands.Add(new ChildProcess(Copy(file, directory), ["connlimit", target], Environment));
        }
    }

    // All are copied in the same way: how a file came to be decides how its pages lie in memory, and that is 2 % of a start.
    private static string Copy(string file, string directory)
    {
        string copy = Path.Combine(directory, Path.GetRandomFileName());
        File.Copy(file, copy);
        return copy;
    }

    private static void RunOnce(ChildProcess command)
    {
        int code = ChildProcess.Wait(command.Start());
        if (code != 0)
            throw new InvalidOperationException($"exit code {code}");
    }
}
