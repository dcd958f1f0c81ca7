using System.Net.Sockets;

namespace LocalService.Bench;

/// <summary>Whether many live connections make new ones slower.</summary>
internal static class Live
{
    private const int Clients = 8;
    private const int Room = 12_000;

    private static readonly int[] levels = [0, 1_000, 10_000];

    internal static void Run(Session session)
    {
        session.Report.Section("live: new connections beside live ones",
            $"{Clients} clients connect to servers of the same kind that have 0, 1,000 and 10,000 live connections, each with its process, and take "
            + "turns: they differ in nothing else. A dash: the server can't have so many.");
        session.Report.Row(["server", .. levels.Select(level => $"/s, {level:N0} live"), .. levels.Skip(1).Select(level => $"{level:N0} live ÷ none")]);
        session.Report.Row([.. Enumerable.Repeat("---", 2 * levels.Length)]);
        foreach (Toolkit toolkit in session.Toolkits)
        {
            Measure(session, toolkit == session.Own ? $"**{toolkit.Name}**" : toolkit.Name, toolkit.LargestServer, () =>
                Server.Start(session, toolkit, Server.Gate.None, "until-end", Room));
        }
        Measure(session, "floor", int.MaxValue, () => Server.StartFloor(session, Server.Gate.None, "until-end"));
        session.Report.Line("");
    }

    private static void Measure(Session session, string name, int largest, Func<Server> start)
    {
        session.Progress.Step(name);
        int[] possible = [.. levels.Where(level => level + 2 * Clients <= largest)];
        var servers = new List<Server>();
        var live = new List<Socket>();
        int measurable = 0;
        try
        {
            foreach (int level in possible)
            {
                Server server = start();
                servers.Add(server);
                if (!LiveConnections.TryOpen(server, level, live))
                    break;
                measurable++;
            }
            var turns = new Turns();
            turns.Take(measurable, i => Load.On(servers[i], Clients, 50));
            double[][] rates = turns.Rounds(session.Rounds, measurable, i => Load.On(servers[i], Clients, Connections.Milliseconds).PerSecond);
            session.Report.Row([name,
                .. levels.Select((_, i) => i < rates.Length ? Spread.Of(rates[i]).Format("F0") : "–"),
                .. levels.Skip(1).Select((_, i) => i + 1 < rates.Length ? Spread.OfRatios(rates[i + 1], rates[0]).Format("F3") : "–")]);
        }
        finally
        {
            live.ForEach(socket => socket.Dispose());
            servers.ForEach(server => server.Dispose());
        }
    }
}
