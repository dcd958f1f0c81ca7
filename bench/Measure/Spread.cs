namespace LocalService.Bench;

/// <summary>The median and the quartiles around it: half of the samples lie between the quartiles.</summary>
internal readonly record struct Spread(double Lower, double Median, double Upper)
{
    internal static Spread Of(IEnumerable<double> samples)
    {
        double[] sorted = [.. samples.Order()];
        return new Spread(At(sorted, 0.25), At(sorted, 0.5), At(sorted, 0.75));
    }

    /// <summary>The spread of the ratios of samples that were taken together.</summary>
    internal static Spread OfRatios(double[] samples, double[] references) => Of(samples.Zip(references, (sample, reference) => sample / reference));

    internal string Format(string format) => $"{Median.ToString(format)} ({Lower.ToString(format)}–{Upper.ToString(format)})";

    private static double At(double[] sorted, double quantile)
    {
        double position = quantile * (sorted.Length - 1);
        int below = (int)position;
        int above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (sorted[above] - sorted[below]) * (position - below);
    }
}
