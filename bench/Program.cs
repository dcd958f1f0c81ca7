using System.Globalization;

namespace LocalService.Bench;

/// <summary>Runs all groups and writes the results, or runs one group and prints its results.</summary>
internal static class Program
{
    private const string ResultsFile = "bench/RESULTS.md";

    // In the order of the results.
    private static readonly (string Name, Action<Session> Run)[] groups =
    [
        ("startup", Startup.Run),
        ("connections", Connections.Run),
        ("threads", Threads.Run),
        ("live", Live.Run),
        ("memory", Memory.Run),
        ("ioconnect", IoConnect.Run),
        ("fdholder", Holder.Run),
        ("sudo", Sudo.Run),
        ("tcp", Tcp.Run),
        ("syslog", Syslog.Run),
        ("events", Events.Run),
        ("locks", Locks.Run),
        ("dns", Dns.Run),
        ("micro", Micro.Run),
    ];

    private static int Main(string[] arguments)
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        if (!Choices.TryParse(arguments, [.. groups.Select(group => group.Name)], out Choices choices))
        {
            Console.Error.WriteLine(
                $"usage: bench [--rounds N] [--peer NAME=DIR]... [GROUP...]; a group is one of: {string.Join(", ", groups.Select(group => group.Name))}");
            return 100;
        }
        // Paths of the command line have been made absolute; from here on all are below the root, four levels above the executable.
        Environment.CurrentDirectory = Path.GetFullPath("../../../..", AppContext.BaseDirectory);
        var report = new Report();
        report.Machine();
        using var session = new Session(choices, report);
        foreach ((string name, Action<Session> run) in groups)
        {
            if (choices.Groups.Count > 0 && !choices.Groups.Contains(name))
                continue;
            session.Progress.Begin(name);
            run(session);
            session.Progress.End();
        }
        if (choices.Groups.Count == 0)
            File.WriteAllText(ResultsFile, report.ToString());
        else
            Console.Write(report);
        return 0;
    }
}
