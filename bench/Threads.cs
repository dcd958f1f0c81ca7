namespace LocalService.Bench;

/// <summary>The effect of more accepting threads: the reason for the default of <c>-j</c>.</summary>
internal static class Threads
{
    private static readonly int[] counts = [1, 2, 3, 4];

    internal static void Run(Session session)
    {
        session.Report.Section("threads: how many accept",
            "`ipcserver` without `-j` against `-j 1` to `-j 4`; otherwise as above.");
        var rows = new List<(string Name, Load[][] Loads)>();
        foreach ((string label, Server.Gate gate) in Connections.Gates.Where(kind => kind.Gate != Server.Gate.Database))
        {
            rows.AddRange(Connections.Measure(session, label, gate, Connections.Clients,
            [
                service => Server.Start(session, session.Own, gate, service),
                .. counts.Select(count => (Func<string, Server>)(service => Server.Start(session, session.Own, gate, service, "-j", count.ToString()))),
            ]));
        }
        Connections.Report(session, ["default", .. counts.Select(count => $"-j {count}")], rows);
    }
}
