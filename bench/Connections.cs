namespace LocalService.Bench;

/// <summary>Connections per second and their latency, compared with a minimal server.</summary>
internal static class Connections
{
    internal const int Milliseconds = 400;

    internal static readonly int[] Clients = [1, 8, 32];

    internal static readonly (string Label, Server.Gate Gate)[] Gates =
    [
        ("ungated", Server.Gate.None),
        ("gated by a directory", Server.Gate.Directory),
        ("gated by cdb", Server.Gate.Database),
        ("refused", Server.Gate.Refusing),
    ];

    internal static void Run(Session session)
    {
        session.Report.Section("connections: ungated, gated, refused",
            $"Clients connect, shut their side down, read to the end and close, again and again for {Milliseconds} ms a turn. The service is a static "
            + "program that does nothing but `_exit(0)`. The floor is one thread of static C that does accept, vfork and execve; for refusals, "
            + "accept and close. All servers are idle while one has its turn; each is checked to let in, or not, before.");
        string[] names = [session.Own.Name, "floor", .. session.Toolkits.Skip(1).Select(toolkit => toolkit.Name)];
        var rows = new List<(string Name, Load[][] Loads)>();
        foreach ((string label, Server.Gate gate) in Gates)
        {
            rows.AddRange(Measure(session, label, gate, Clients,
            [
                service => Server.Start(session, session.Own, gate, service),
                service => Server.StartFloor(session, gate, service),
                .. session.Toolkits.Skip(1).Select(peer => (Func<string, Server>)(service => Server.Start(session, peer, gate, service))),
            ]));
        }
        Report(session, names, rows);
        session.Report.Paragraph("And with a status file (`-s`), against the same server without one:");
        Report(session, ["with -s", "without"], Measure(session, "ungated", Server.Gate.None, [8],
        [
            service => Server.Start(session, session.Own, Server.Gate.None, service, "-s", session.NewPath()),
            service => Server.Start(session, session.Own, Server.Gate.None, service),
        ]));
        // For a refused client the server makes hardly more than the system calls: the measured time is largely that of the clients.
        session.Report.Paragraph("The clients themselves took, per connection, " + string.Join(", ", rows.Select(row =>
            $"{Spread.Of(row.Loads[1].Select(load => load.OwnProcessor)).Median:F0} µs ({row.Name})")) + " of processor time against the floor.");
    }

    /// <summary>Measures servers of one kind, for each number of clients.</summary>
    internal static List<(string Name, Load[][] Loads)> Measure(
        Session session, string label, Server.Gate gate, int[] clientCounts, Func<string, Server>[] starts)
    {
        var rows = new List<(string, Load[][])>();
        foreach (Func<string, Server> start in starts)
            Server.Check(gate, start);
        Server[] servers = [.. starts.Select(start => start("true"))];
        try
        {
            var turns = new Turns();
            foreach (int clients in clientCounts)
            {
                string row = $"{label}, {clients} client{(clients == 1 ? "" : "s")}";
                session.Progress.Step(row);
                turns.Take(servers.Length, candidate => Load.On(servers[candidate], clients, 50));
                rows.Add((row, turns.Rounds(session.Rounds, servers.Length, candidate => Load.On(servers[candidate], clients, Milliseconds))));
            }
        }
        finally
        {
            foreach (Server server in servers)
                server.Dispose();
        }
        return rows;
    }

    internal static void Report(Session session, string[] names, List<(string Name, Load[][] Loads)> rows)
    {
        Table("Connections per second", "F0", load => load.PerSecond);
        Table("Latency, median, µs", "F0", load => load.Median);
        Table("Latency, 99th percentile, µs", "F0", load => load.Slow);

        void Table(string unit, string format, Func<Load, double> value) => session.Report.Compare("service", unit, format, names,
            rows.Select(row => (row.Name, (double[]?[])[.. row.Loads.Select(loads => loads.Select(value).ToArray())])));
    }
}
