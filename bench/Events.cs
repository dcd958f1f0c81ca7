using Microsoft.Win32.SafeHandles;

namespace LocalService.Bench;

/// <summary>The cost of waiting for an event, and of sending one to many listeners.</summary>
internal static class Events
{
    private const int ManyListeners = 1000;

    internal static void Run(Session session)
    {
        session.Report.Section("events: waiting and notifying",
            $"Times are {CallTimes.Method}. Waiting is `ftrig-listen` with a `ftrig-notify` of the same toolkit as its program: a listener is made, told and "
            + $"removed. Notifying is `ftrig-notify`, at a fifodir where nobody or {ManyListeners} listen.");
        string waited = NewFifodir(session);
        string empty = NewFifodir(session);
        string crowded = NewFifodir(session);
        using var listeners = new Listeners(crowded, ManyListeners);
        session.Report.Compare("program", "Microseconds", "F0", [.. session.With("ftrig-listen").Select(toolkit => toolkit.Name)],
        [
            ("waiting for an event", Measure(session, "ftrig-listen", toolkit =>
                [" " + waited, " a", "", toolkit.Program("ftrig-notify"), waited, "a"])),
            ("notifying nobody", Measure(session, "ftrig-notify", _ => [empty, "a"])),
            ($"notifying {ManyListeners} listeners", Measure(session, "ftrig-notify", _ => [crowded, "a"])),
        ]);
    }

    private static double[][] Measure(Session session, string role, Func<Toolkit, string[]> arguments)
    {
        session.Progress.Step(role);
        return CallTimes.Measure(session, [.. session.With("ftrig-listen").Select(toolkit => new ChildProcess(
            toolkit.Program(role), [$"s6-{role}", .. arguments(toolkit)], [$"PATH={toolkit.SearchPath}"]))]);
    }

    private static string NewFifodir(Session session)
    {
        string path = session.NewPath();
        ChildProcess.Run(session.Toolkits[0].Program("mkfifodir"), path);
        return path;
    }

    /// <summary>FIFOs of listeners that never read: events written to full ones are lost, at the same cost.</summary>
    private sealed class Listeners : IDisposable
    {
        private readonly List<SafeFileHandle> open = [];

        internal Listeners(string fifodir, int count)
        {
            for (int i = 0; i < count; i++)
            {
                string path = Path.Combine(fifodir, $"ftrig1:@400000006b0a55a0{i:x8}:bench0");
                ChildProcess.Run("/usr/bin/mkfifo", path);
                open.Add(File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite));
            }
        }

        public void Dispose() => open.ForEach(handle => handle.Dispose());
    }
}
