using System.Text;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Mathematics;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using LocalService.Bench.Types;
using Perfolizer.Horology;

namespace LocalService.Bench;

/// <summary>The product's own types on CoreCLR, measured by BenchmarkDotNet.</summary>
internal static class Micro
{
    private const string Artifacts = "obj/bench/BenchmarkDotNet";

    internal static void Run(Session session)
    {
        session.Report.Section("micro: the product's types",
            "Measured by BenchmarkDotNet, on CoreCLR: the native executable is compiled ahead of time against musl, so that its own figures differ; "
            + "these show what a change does. A rule decision opens and reads the rules anew, as for each connection.");
        session.Report.Row("type", "operation", "ns");
        session.Report.Row("---", "---", "---");
        _ = Directory.CreateDirectory(Artifacts);
        using var log = new StreamLogger(new StreamWriter(Path.Combine(Artifacts, "log.txt")));
        IConfig config = ManualConfig.CreateEmpty()
            .AddColumnProvider(DefaultColumnProviders.Instance)
            .AddLogger(log)
            // Shorter than usual, to limit the time of the whole run.
            .AddJob(Job.Default.WithWarmupCount(3).WithIterationCount(15).WithIterationTime(TimeInterval.FromMilliseconds(100)))
            .WithArtifactsPath(Path.GetFullPath(Artifacts));
        session.Progress.Step($"see {Artifacts}/log.txt");
        foreach (Summary summary in BenchmarkRunner.Run([typeof(CdbLookups), typeof(RuleDecisions), typeof(EnvironmentEdits), typeof(Options), typeof(WatchedDescriptors)], config))
        {
            if (summary.HasCriticalValidationErrors || summary.Reports.Length == 0 || summary.Reports.Any(report => !report.Success))
                throw new InvalidOperationException($"{summary.Title}: see {Artifacts}/log.txt");
            foreach (BenchmarkReport report in summary.Reports)
            {
                Descriptor benchmark = report.BenchmarkCase.Descriptor;
                session.Report.Row(Spaced(benchmark.Type.Name), Spaced(benchmark.WorkloadMethod.Name) + ParametersOf(report), Format(report));
            }
        }
        session.Report.Line("");
    }

    private static string ParametersOf(BenchmarkReport report) =>
        string.Concat(report.BenchmarkCase.Parameters.Items.Select(item => $", {Spaced(item.Name)}: {item.Value}"));

    private static string Format(BenchmarkReport report)
    {
        Statistics statistics = report.ResultStatistics!;
        return new Spread(statistics.Q1, statistics.Median, statistics.Q3).Format("F0");
    }

    // "RuleDecisions" becomes "rule decisions".
    private static string Spaced(string name)
    {
        var text = new StringBuilder();
        foreach (char letter in name)
            _ = char.IsUpper(letter) && text.Length > 0 ? text.Append(' ').Append(char.ToLowerInvariant(letter)) : text.Append(char.ToLowerInvariant(letter));
        return text.ToString();
    }
}
