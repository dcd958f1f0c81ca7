namespace LocalService.Bench;

/// <summary>How fast ioconnect copies between pipes and a connection.</summary>
internal static class IoConnect
{
    private const int Mebibytes = 512;

    internal static void Run(Session session)
    {
        session.Report.Section("ioconnect: throughput",
            $"{Mebibytes} MiB a turn and direction, standard input and output being pipes, the connection a Unix socket; from the start of the program to "
            + "its end. \"Both\" is the sum of two directions at the same time. Feeding and taking need processor time as well.");
        var rows = new List<(string, double[]?[])>();
        foreach ((string label, string direction) in ((string, string)[])[("to the connection", "out"), ("from the connection", "in"), ("both", "both")])
        {
            session.Progress.Step(label);
            rows.Add((label, new Turns().Rounds(session.Rounds, session.Toolkits.Count, i => double.Parse(
                ChildProcess.Output("obj/bench/stream", direction, Mebibytes.ToString(), session.Toolkits[i].Program("ioconnect"))))));
        }
        session.Report.Compare("direction", "GB/s", "F2", [.. session.Toolkits.Select(toolkit => toolkit.Name)], rows);
    }
}
