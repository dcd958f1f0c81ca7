using System.Diagnostics;

namespace LocalService.Bench;

/// <summary>A middle value with the quartiles around it: half of the samples lie between them.</summary>
internal readonly record struct Spread(double Lower, double Median, double Upper)
{
    internal static Spread Of(IEnumerable<double> samples)
    {
        double[] sorted = [.. samples.Order()];
        return new Spread(At(sorted, 0.25), At(sorted, 0.5), At(sorted, 0.75));
    }

    private static double At(double[] sorted, double quantile)
    {
        double position = quantile * (sorted.Length - 1);
        int below = (int)position;
        int above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (sorted[above] - sorted[below]) * (position - below);
    }

    internal string Format(string format) => $"{Median.ToString(format)} ({Lower.ToString(format)}–{Upper.ToString(format)})";
}

/// <summary>
/// Comparison of several candidates under equal conditions: they take turns in random order, so that whatever else the machine does hits
/// all of them alike, and each is preceded by the same untimed action, so that none profits or suffers from what ran before it
/// (a large program leaves cold caches behind). Ratios are taken within batches of rounds.
/// </summary>
internal sealed class Comparison(int rounds, Action before, params Action[] candidates)
{
    private const int WarmUpRounds = 200;
    private const int Batches = 40;

    private readonly double[][] microseconds = [.. candidates.Select(_ => new double[rounds])];

    internal void Run()
    {
        var random = new Random(1);
        int[] order = [.. Enumerable.Range(0, candidates.Length)];
        for (int round = -WarmUpRounds; round < rounds; round++)
        {
            random.Shuffle(order);
            foreach (int candidate in order)
            {
                before();
                long start = Stopwatch.GetTimestamp();
                candidates[candidate]();
                double elapsed = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
                if (round >= 0)
                    microseconds[candidate][round] = elapsed;
            }
        }
    }

    /// <summary>The time of one run.</summary>
    internal Spread Time(int candidate) => Spread.Of(microseconds[candidate]);

    /// <summary>How much longer one takes than another: ratios of the medians within each batch.</summary>
    internal Spread Ratio(int candidate, int reference) =>
        Spread.Of(Medians(candidate).Zip(Medians(reference), (mine, other) => mine / other));

    private IEnumerable<double> Medians(int candidate) =>
        microseconds[candidate].Chunk(Math.Max(rounds / Batches, 1)).Select(batch => Spread.Of(batch).Median);
}
