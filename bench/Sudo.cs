namespace LocalService.Bench;

/// <summary>The cost of running a program through a service.</summary>
internal static class Sudo
{
    internal static void Run(Session session)
    {
        session.Report.Section("sudo: one call of a program",
            "Each toolkit with its own client and its own server: from the start of `sudo` until its end, which is after that of the program that "
            + $"`sudod` runs for it. The program does nothing. Times are {CallTimes.Method}.");
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
            return CallTimes.Measure(session, calls);
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
}
