using System.Diagnostics;

namespace LocalService.Bench;

/// <summary>The cost of storing a descriptor in the holder and retrieving it.</summary>
internal static class Holder
{
    private const int CallsPerRound = 100;
    private const int Milliseconds = 500;

    internal static void Run(Session session)
    {
        session.Report.Section("fdholder: storing a descriptor and retrieving it",
            "Each toolkit with its own clients and its own holder. A round trip is a store and a retrieve that deletes. With programs: from the start of "
            + $"`fdholder-store` to the end of `fdholder-retrieve -D` and of the program that it becomes, which does nothing; the median of {CallsPerRound} a round. "
            + "Without: a client in C that makes its requests over one connection, so that only the holder differs.");
        var holders = new List<Server>();
        try
        {
            foreach (Toolkit toolkit in session.Toolkits)
                holders.Add(Start(session, toolkit));
            string[] names = [.. session.Toolkits.Select(toolkit => toolkit.Name)];
            session.Progress.Step("programs");
            var trips = session.Toolkits.Select((toolkit, i) => new RoundTrip(toolkit, holders[i].Path)).ToList();
            session.Report.Compare("round trip", "Microseconds", "F0", names, [("with programs", MeasurePrograms(session, trips))]);
            session.Progress.Step("requests");
            session.Report.Compare("round trips", "Per second", "F0", names,
                [("requests over one connection", new Turns().Rounds(session.Rounds, holders.Count, i => double.Parse(
                    ChildProcess.Output("obj/bench/holder", holders[i].Path, Milliseconds.ToString()))))]);
        }
        finally
        {
            holders.ForEach(holder => holder.Dispose());
        }
    }

    private static Server Start(Session session, Toolkit toolkit)
    {
        string socket = session.NewPath();
        string[] words = ["s6-fdholder-daemon", "-i", session.Rules.Holder, socket];
        return Server.Start(new ChildProcess(toolkit.Program("fdholder-daemon"), words, [$"PATH={toolkit.SearchPath}"]), socket);
    }

    private static double[][] MeasurePrograms(Session session, List<RoundTrip> trips)
    {
        var turns = new Turns();
        double[][] medians = [.. trips.Select(_ => new double[session.Rounds])];
        for (int round = 0; round < session.Rounds; round++)
        {
            double[][] times = [.. trips.Select(_ => new double[CallsPerRound])];
            for (int i = 0; i < CallsPerRound; i++)
                turns.Take(trips.Count, candidate => times[candidate][i] = trips[candidate].Measure());
            for (int candidate = 0; candidate < trips.Count; candidate++)
                medians[candidate][round] = Spread.Of(times[candidate]).Median;
        }
        return medians;
    }

    private sealed class RoundTrip(Toolkit toolkit, string socket)
    {
        private readonly ChildProcess store = Of(toolkit, "fdholder-store", socket, "bench");

        private readonly ChildProcess retrieve =
            Of(toolkit, "fdholder-retrieve", "-D", socket, "bench", Path.GetFullPath("obj/bench/true"));

        /// <summary>One round trip, in microseconds.</summary>
        internal double Measure()
        {
            long start = Stopwatch.GetTimestamp();
            store.RunToEnd();
            retrieve.RunToEnd();
            return Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }

        private static ChildProcess Of(Toolkit toolkit, string role, params string[] arguments) =>
            new(toolkit.Program(role), [$"s6-{role}", .. arguments], [$"PATH={toolkit.SearchPath}"]);
    }
}
