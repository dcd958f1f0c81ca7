namespace LocalService.Bench;

/// <summary>The cost of taking a lock for a program, and of waiting for a lock that another process holds.</summary>
internal static class Locks
{
    private const int TurnsOfEach = 50;

    internal static void Run(Session session)
    {
        session.Report.Section("locks: taking a lock that is free, and waiting for one that isn't",
            $"Times are {CallTimes.Method}; `setlock` and `lock-acquire` become a program that does nothing. (A lock daemon that works has no other "
            + $"toolkit.) A lock is handed over {(2 * TurnsOfEach) - 1} times a round between two clients: the median from the end of one program to the start of the next.");
        List<Toolkit> toolkits = session.With("setlock");
        using Server daemon = StartDaemon(session);
        string file = session.NewPath();
        string[] nothing = [Path.GetFullPath("obj/bench/true")];
        string[] hold = [Path.GetFullPath("obj/bench/handover"), "hold"];
        string[] acquire = ["s6-lock-acquire", daemon.Path, "lock"];
        session.Report.Compare("program", "Microseconds", "F0", [.. toolkits.Select(toolkit => toolkit.Name)],
        [
            ("`setlock` without a limit", Free(session, toolkits, [file, .. nothing])),
            ("`setlock` with a limit", Free(session, toolkits, ["-t", "10000", file, .. nothing])),
            ("`lock-acquire`", OwnAlone(toolkits, CallTimes.Measure(session, [Command(session.Own, [.. acquire, .. nothing])]))),
            ("handed over, `setlock` without a limit", HandOver(session, toolkits, [file, .. hold])),
            ("handed over, `setlock` with a limit", HandOver(session, toolkits, ["-t", "10000", file, .. hold])),
            ("handed over, `lock-acquire`", OwnAlone(toolkits,
                new Turns().Rounds(session.Rounds, 1, _ => HandOver(session, session.Own, [.. acquire, .. hold])))),
        ]);
    }

    private static Server StartDaemon(Session session)
    {
        string socket = session.NewPath();
        string directory = Directory.CreateDirectory(session.NewPath()).FullName;
        return Server.Start(Command(session.Own, ["s6-ipcserver", socket, "s6lockd", directory]), socket);
    }

    private static ChildProcess Command(Toolkit toolkit, string[] words) =>
        new(Path.Combine(toolkit.Directory, words[0]), words, [$"PATH={toolkit.SearchPath}"]);

    private static double[][] Free(Session session, List<Toolkit> toolkits, string[] arguments)
    {
        session.Progress.Step("free");
        return CallTimes.Measure(session, [.. toolkits.Select(toolkit => Command(toolkit, ["s6-setlock", .. arguments]))]);
    }

    private static double[][] HandOver(Session session, List<Toolkit> toolkits, string[] arguments)
    {
        session.Progress.Step("handed over");
        return new Turns().Rounds(session.Rounds, toolkits.Count, i => HandOver(session, toolkits[i], ["s6-setlock", .. arguments]));
    }

    private static double HandOver(Session session, Toolkit toolkit, string[] words) => double.Parse(ChildProcess.Output("obj/bench/handover",
        [$"{TurnsOfEach}", session.NewPath(), Path.Combine(toolkit.Directory, words[0]), .. words[1..]]));

    private static double[]?[] OwnAlone(List<Toolkit> toolkits, double[][] own) => [own[0], .. toolkits.Skip(1).Select(_ => (double[]?)null)];
}
