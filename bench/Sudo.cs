using System.Diagnostics;

namespace LocalService.Bench;

/// <summary>What it costs to have a program run by a service.</summary>
internal static class Sudo
{
    private const int CallsPerRound = 100;

    internal static void Run(Session session)
    {
        session.Report.Section("sudo: one call of a program",
            "Each toolkit with its own client and its own server: from the start of `sudo` until its end, which is after that of the program that "
            + $"`sudod` runs for it. The program does nothing; the median of {CallsPerRound} calls a round.");
        var rows = new List<(string, double[]?[])>();
        foreach ((string label, Server.Gate gate) in Connections.Gates.Take(3))
        {
            session.Progress.Step(label);
            rows.Add((label, Measure(session, gate)));
        }
        session.Report.Compare("service", "Microseconds", "F0", [.. session.Toolkits.Select(toolkit => toolkit.Name)], rows);
    }

    private static double[][] Measure(Session session, Server.Gate gate)
    {
        var servers = new List<Server>();
        try
        {
            foreach (Toolkit toolkit in session.Toolkits)
                servers.Add(Start(session, toolkit, gate));
            ChildProcess[] calls = [.. session.Toolkits.Zip(servers, (toolkit, server) => new ChildProcess(
                toolkit.Program("sudo"), ["s6-sudo", server.Path, "argument"], [$"PATH={toolkit.SearchPath}", "HOME=/root", "LANG=C.UTF-8"]))];
            var turns = new Turns();
            double[][] medians = [.. calls.Select(_ => new double[session.Rounds])];
            // The first round warms up.
            for (int round = -1; round < session.Rounds; round++)
            {
                double[][] times = [.. calls.Select(_ => new double[CallsPerRound])];
                for (int i = 0; i < CallsPerRound; i++)
                    turns.Take(calls.Length, candidate => times[candidate][i] = Time(calls[candidate]));
                for (int candidate = 0; round >= 0 && candidate < calls.Length; candidate++)
                    medians[candidate][round] = Spread.Of(times[candidate]).Median;
            }
            return medians;
        }
        finally
        {
            servers.ForEach(server => server.Dispose());
        }
    }

    private static Server Start(Session session, Toolkit toolkit, Server.Gate gate)
    {
        string socket = session.NewPath();
        string[] words = ["s6-ipcserver", "--", socket, .. Server.GateWords(session, gate), "s6-sudod", Path.GetFullPath("obj/bench/true")];
        return Server.Start(new ChildProcess(toolkit.Program("ipcserver"), words, [$"PATH={toolkit.SearchPath}"]), socket);
    }

    private static double Time(ChildProcess call)
    {
        long start = Stopwatch.GetTimestamp();
        call.RunToEnd();
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds;
    }
}
