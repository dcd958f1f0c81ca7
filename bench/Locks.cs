namespace LocalService.Bench;

/// <summary>What it costs to take a lock for a program.</summary>
internal static class Locks
{
    internal static void Run(Session session)
    {
        session.Report.Section("locks: taking a lock that is free",
            $"Times are {CallTimes.Method}; `setlock` becomes a program that does nothing. (A lock daemon that works has no other toolkit.)");
        string file = session.NewPath();
        session.Report.Compare("program", "Microseconds", "F0", [.. session.Toolkits.Select(toolkit => toolkit.Name)],
        [
            ("without a limit", Measure(session, file)),
            ("with a limit", Measure(session, "-t", "10000", file)),
        ]);
    }

    private static double[][] Measure(Session session, params string[] arguments)
    {
        session.Progress.Step(string.Join(' ', arguments[..^1]));
        return CallTimes.Measure(session, [.. session.Toolkits.Select(toolkit => new ChildProcess(
            toolkit.Program("setlock"), ["s6-setlock", .. arguments, Path.GetFullPath("obj/bench/true")], [$"PATH={toolkit.SearchPath}"]))]);
    }
}
