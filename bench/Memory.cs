using System.Net.Sockets;
using System.Threading;

namespace LocalService.Bench;

/// <summary>The memory of a server, idle and with many live connections.</summary>
internal static class Memory
{
    private const int Connections = Server.Room;

    internal static void Run(Session session)
    {
        session.Report.Section("memory: of the server alone",
            $"In KiB: resident (RSS) and proportional (PSS, where a page that several processes have counts in parts), of an idle server and one with "
            + $"{Connections:N0} live connections. A round starts all servers anew. The programs of the connections are not counted.");
        string[] names = [session.Own.Name, "floor", .. session.Toolkits.Skip(1).Select(toolkit => toolkit.Name)];
        Func<Server>[] starts =
        [
            () => Server.Start(session, session.Own, Server.Gate.None, "until-end"),
            () => Server.StartFloor(session, Server.Gate.None, "until-end"),
            .. session.Toolkits.Skip(1).Select(peer => (Func<Server>)(() => Server.Start(session, peer, Server.Gate.None, "until-end"))),
        ];
        Compare(session, names, starts);
    }

    /// <summary>Measures servers with the service <c>until-end</c>.</summary>
    internal static void Compare(Session session, string[] names, Func<Server>[] starts)
    {
        session.Progress.Step("idle and with connections");
        // It hardly varies: only the address of the stack changes.
        (double[] Idle, double[] Busy)[][] sizes = new Turns().Rounds(Math.Min(session.Rounds, 5), starts.Length, i => Measure(starts[i]));
        session.Report.Compare("server", "KiB", "F0", names,
        [
            Row("idle, RSS", size => size.Idle[0]),
            Row("idle, PSS", size => size.Idle[1]),
            Row($"{Connections:N0} connections, RSS", size => size.Busy[0]),
            Row($"{Connections:N0} connections, PSS", size => size.Busy[1]),
        ]);

        (string, double[]?[]) Row(string name, Func<(double[] Idle, double[] Busy), double> value) =>
            (name, [.. sizes.Select(rounds => rounds.Select(value).ToArray())]);
    }

    private static (double[] Idle, double[] Busy) Measure(Func<Server> start)
    {
        var live = new List<Socket>();
        using Server server = start();
        try
        {
            Thread.Sleep(200);
            double[] idle = Sizes(server.ProcessId);
            if (!LiveConnections.TryOpen(server, Connections, live))
                throw new InvalidOperationException($"a server has {server.Children} of {Connections} processes");
            Thread.Sleep(200);
            return (idle, Sizes(server.ProcessId));
        }
        finally
        {
            live.ForEach(socket => socket.Dispose());
        }
    }

    /// <summary>Resident and proportional size in KiB, proc_pid_smaps(5).</summary>
    private static double[] Sizes(int pid)
    {
        string[] lines = File.ReadAllLines($"/proc/{pid}/smaps_rollup");
        return [Field("Rss:"), Field("Pss:")];

        double Field(string name) => double.Parse(lines.First(line => line.StartsWith(name)).Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[^2]);
    }
}
