using System.Diagnostics;

namespace LocalService.Bench;

/// <summary>The time from the start of a program to its end.</summary>
internal static class CallTimes
{
    private const int CallsPerRound = 100;

    /// <summary>How the numbers were measured, for the report.</summary>
    internal static string Method { get; } = $"from the start of the program to its end; the median of {CallsPerRound} calls a round";

    /// <summary>Runs the candidates in turns.</summary>
    /// <returns>For each candidate the median of every round, in microseconds.</returns>
    internal static double[][] Measure(Session session, ChildProcess[] candidates)
    {
        var turns = new Turns();
        double[][] medians = [.. candidates.Select(_ => new double[session.Rounds])];
        // The first round is a warm-up.
        for (int round = -1; round < session.Rounds; round++)
        {
            double[][] times = [.. candidates.Select(_ => new double[CallsPerRound])];
            for (int i = 0; i < CallsPerRound; i++)
                turns.Take(candidates.Length, candidate => times[candidate][i] = Time(candidates[candidate]));
            for (int candidate = 0; round >= 0 && candidate < candidates.Length; candidate++)
                medians[candidate][round] = Spread.Of(times[candidate]).Median;
        }
        return medians;
    }

    private static double Time(ChildProcess call)
    {
        long start = Stopwatch.GetTimestamp();
        call.RunToEnd();
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds;
    }
}
