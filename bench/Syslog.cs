namespace LocalService.Bench;

/// <summary>How many messages the datagram daemon receives and writes.</summary>
internal static class Syslog
{
    private const int Messages = 200_000;

    internal static void Run(Session session)
    {
        session.Report.Section("syslog: datagrams",
            $"`socklog` writes {Messages} messages of 100 bytes to the null device; senders wait when it is slower. This project's with the ids of the sender in each line, too.");
        var candidates = session.Toolkits.Select(toolkit => (toolkit.Name, toolkit, Options: Array.Empty<string>())).ToList();
        candidates.Insert(1, (session.Own.Name + " -c", session.Own, ["-c"]));
        string[] names = [.. candidates.Select(candidate => candidate.Name)];
        int[] senders = [1, 8];
        session.Report.Compare("senders", "Lines per second", "F0", names,
            [.. senders.Select(count => ($"{count}", new Turns().Rounds(session.Rounds, candidates.Count,
                i => Measure(session, candidates[i].toolkit, candidates[i].Options, count))))]);
    }

    private static double Measure(Session session, Toolkit toolkit, string[] options, int senders)
    {
        string socket = session.NewPath();
        string[] words = ["sh", "-c", "exec \"$0\" \"$@\" >/dev/null", toolkit.Program("socklog"), .. options, "-x", socket];
        int daemon = new ChildProcess("/bin/sh", words, [$"PATH={toolkit.SearchPath}"]).Start();
        try
        {
            return Server.Await(() => File.Exists(socket))
                ? double.Parse(ChildProcess.Output("obj/bench/logsend", socket, $"{senders}", $"{Messages / senders}"))
                : throw new TimeoutException("a daemon does not start");
        }
        finally
        {
            ChildProcess.Terminate(daemon);
            _ = ChildProcess.Wait(daemon);
        }
    }
}
