namespace LocalService.Bench;

/// <summary>How many messages the daemons receive and write, and how long a sender waits for one of them.</summary>
internal static class Syslog
{
    private const int Messages = 200_000;

    private const string Busybox = "busybox syslogd";

    // busybox only serves /dev/log: its /dev is the directory of the socket.
    private const string StartBusybox =
        "mkdir $0 && touch $0/null && mount --bind /dev/null $0/null && mount --rbind $0 /dev && exec busybox syslogd -n -O $1";

    private static readonly int[] senders = [1, 8];

    /// <summary>A daemon: its name in the report, and its command line, given its socket and the file that it writes.</summary>
    private sealed record Daemon(string Name, string SearchPath, Func<string, string, string[]> Words, string Socket = "");

    internal static void Run(Session session)
    {
        var toNull = session.With("socklog").Select(toolkit => DatagramsToNull(toolkit, toolkit.Name)).ToList();
        toNull.Insert(1, DatagramsToNull(session.Own, session.Own.Name + " -c", "-c"));
        Compare(session, "syslog: datagrams",
            $"`socklog` writes {Messages} messages of 100 bytes to the null device; senders wait when it is slower. This project's with the ids of the sender in each line, too.",
            toNull, "datagrams", measuresFile: false);

        string own = session.Own.Name, ownPath = session.Own.SearchPath;
        Compare(session, "syslog: datagrams to a file",
            $"The same messages, until the file has all of them. `syslogd` and `socklog` write it themselves; {Busybox} puts the time in front of each.",
            [
                new(own + " `syslogd`", ownPath, (socket, file) => Shell(file, session.Own.Program("syslogd"), "-x", socket)),
                .. session.With("socklog").Select(toolkit => new Daemon(toolkit.Name + " `socklog`", toolkit.SearchPath,
                    (socket, file) => Shell(file, toolkit.Program("socklog"), "-x", socket))),
                new(Busybox, "/usr/bin:/bin", (socket, file) => ["unshare", "--mount", "sh", "-c", StartBusybox, socket, file], "/log"),
            ], "datagrams", measuresFile: true);

        Compare(session, "syslog: streams to a file",
            "The same through a stream for each sender: `ucspilogd` under `ipcserver`, one process for each, and `syslogd -s`, one for all.",
            [
                new(own + " `syslogd -s`", ownPath, (socket, file) => Shell(file, session.Own.Program("syslogd"), "-x", socket + ".d", "-s", socket)),
                .. session.Toolkits.Where(toolkit => File.Exists(Path.Combine(toolkit.Directory, "ucspilogd"))).Select(toolkit =>
                    new Daemon(toolkit.Name + " `ucspilogd`", toolkit.SearchPath, (socket, file) =>
                        Shell("/dev/null", toolkit.Program("ipcserver"), socket, "sh", "-c", "exec ucspilogd >>$0", file))),
            ], "stream", measuresFile: true);
    }

    private static Daemon DatagramsToNull(Toolkit toolkit, string name, params string[] options) => new(name, toolkit.SearchPath,
        (socket, _) => Shell("/dev/null", [toolkit.Program("socklog"), .. options, "-x", socket]));

    private static string[] Shell(string output, params string[] command) => ["sh", "-c", "exec \"$@\" >>\"$0\"", output, .. command];

    private static void Compare(Session session, string section, string explanation, List<Daemon> daemons, string type, bool measuresFile)
    {
        session.Report.Section(section, explanation);
        string[] names = [.. daemons.Select(daemon => daemon.Name)];
        (string Name, (double Rate, double Latency)[][] Results)[] rows = [.. senders.Select(count =>
            ($"{count}", new Turns().Rounds(session.Rounds, daemons.Count, i => Measure(session, daemons[i], count, type, measuresFile))))];
        session.Report.Compare("senders", "Lines per second", "F0", names,
            [.. rows.Select(row => (row.Name, Part(row.Results, result => result.Rate)))]);
        session.Report.Compare("senders", "Microseconds that a sender waits for a message to be taken, 99th percentile", "F1", names,
            [.. rows.Select(row => (row.Name, Part(row.Results, result => result.Latency)))]);
    }

    private static double[]?[] Part((double Rate, double Latency)[][] results, Func<(double Rate, double Latency), double> part) =>
        [.. results.Select(rounds => rounds.Select(part).ToArray())];

    private static (double Rate, double Latency) Measure(Session session, Daemon daemon, int senders, string type, bool measuresFile)
    {
        string path = session.NewPath(), file = session.NewPath(), socket = path + daemon.Socket;
        string[] words = daemon.Words(path, file);
        int process = new ChildProcess(words[0] == "unshare" ? "/usr/bin/unshare" : "/bin/sh", words, [$"PATH={daemon.SearchPath}"]).Start();
        try
        {
            if (!Server.Await(() => File.Exists(socket)))
                throw new TimeoutException("a daemon does not start");
            string[] result = ChildProcess.Output("obj/bench/logsend",
                [socket, $"{senders}", $"{Messages / senders}", .. measuresFile ? new[] { type, file } : []]).Split(' ');
            return (double.Parse(result[0]), double.Parse(result[1]));
        }
        finally
        {
            ChildProcess.Terminate(process);
            _ = ChildProcess.Wait(process);
            File.Delete(file);
        }
    }
}
