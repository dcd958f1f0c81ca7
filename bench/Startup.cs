using System.Diagnostics;
using System.Net.Sockets;

namespace LocalService.Bench;

/// <summary>
/// The cost of a role that only becomes another program, compared with a C program that only makes the same execve(2): from the start of
/// the process until its parent has noticed its end.
/// </summary>
internal static class Startup
{
    private const int StartsPerRound = 200;

    internal static void Run(Session session)
    {
        session.Report.Section("startup: roles that become another program",
            $"A value of a round is the median of {StartsPerRound} starts, which take turns one by one on one processor; each is preceded by an untimed "
            + "start of the program alone, so that none profits or suffers from what ran before it. The program is static and does nothing but "
            + "`_exit(0)`, except in the last row. The floor is a static C program that does nothing but the same `execve`.");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        string socket = session.NewPath();
        listener.Bind(new UnixDomainSocketEndPoint(socket));
        listener.Listen();
        listener.Blocking = false;

        string target = session.Copy("obj/bench/true");
        string bound = session.NewPath();
        string[] ids = ChildProcess.UserId == 0 ? ["-u", "65534", "-g", "65534"] : [];
        (string Label, string Role, string[] Options, string Target)[] cases =
        [
            ("`connlimit`", "connlimit", [], target),
            ("`ipcserver-access -i`", "ipcserver-access", ["-v", "0", "-l", "local", "-i", session.Rules.Allow], target),
            ("`ipcserver-access -x`", "ipcserver-access", ["-v", "0", "-l", "local", "-x", session.Rules.AllowDatabase], target),
            ("`applyuidgid -u -g`", "applyuidgid", ids, target),
            ("`ipcserver-socketbinder`", "ipcserver-socketbinder", [bound], target),
            ("`ipcclient`", "ipcclient", [socket], target),
            ("`connlimit`, before `/bin/true`", "connlimit", [], "/bin/true"),
        ];
        var rows = new List<(string, double[]?[])>();
        ChildProcess.OnOneProcessor(() =>
        {
            foreach ((string label, string role, string[] options, string program) in cases)
            {
                session.Progress.Step(label);
                rows.Add((label, Measure(session, [$"s6-{role}", .. options, program], role, listener)));
            }
        });
        session.Report.Compare("role", "Microseconds", "F0",
            [.. session.Toolkits.Take(1).Select(toolkit => toolkit.Name), "floor", "floor at a random address", "started directly",
                .. session.Toolkits.Skip(1).Select(toolkit => toolkit.Name)],
            rows);
    }

    private static double[][] Measure(Session session, string[] words, string role, Socket listener) => Measure(
        session, words, session.Own.Program(role),
        [
            "PATH=/usr/local/bin:/usr/bin:/bin", "PROTO=IPC", $"IPCREMOTEEUID={ChildProcess.UserId}", "IPCREMOTEEGID=1000", "IPCCONNNUM=1",
        ],
        [.. session.Toolkits.Skip(1).Select(peer => (peer.Program(role), words))], listener);

    /// <summary>
    /// Measures a role, the minimum without and with a random address, its program alone, and other programs with the same function.
    /// </summary>
    internal static double[][] Measure(
        Session session, string[] words, string file, string[] environment, (string File, string[] Words)[] peers, Socket listener)
    {
        string target = words[^1];
        var direct = new ChildProcess(target, ["true"], environment);
        ChildProcess[] candidates =
        [
            Of(file, words),
            Of("obj/bench/execve-floor", ["floor", target]),
            Of("obj/bench/execve-floor-pie", ["floor", target]),
            direct,
            .. peers.Select(peer => Of(peer.File, peer.Words)),
        ];
        var turns = new Turns();
        double[][] times = [.. candidates.Select(_ => new double[StartsPerRound])];
        double[][] medians = [.. candidates.Select(_ => new double[session.Rounds])];
        for (int round = -1; round < session.Rounds; round++)
        {
            for (int i = 0; i < StartsPerRound; i++)
            {
                turns.Take(candidates.Length, candidate =>
                {
                    Empty(listener);
                    direct.RunToEnd();
                    long start = Stopwatch.GetTimestamp();
                    candidates[candidate].RunToEnd();
                    times[candidate][i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
                });
            }
            // The first round is a warm-up.
            for (int candidate = 0; round >= 0 && candidate < candidates.Length; candidate++)
                medians[candidate][round] = Spread.Of(times[candidate]).Median;
        }
        return medians;

        ChildProcess Of(string file, string[] arguments) => new(session.Copy(file), arguments, environment);
    }

    /// <summary>Ends the waiting connections to make room for the next ones.</summary>
    private static void Empty(Socket listener)
    {
        while (listener.Poll(0, SelectMode.SelectRead))
            listener.Accept().Dispose();
    }
}
