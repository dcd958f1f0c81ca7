using System.Text;

namespace LocalService.Bench;

/// <summary>The results, as Markdown.</summary>
internal sealed class Report
{
    private const double QuietLoad = 0.5;

    private readonly StringBuilder text = new();

    /// <summary>Describes the machine, and its state before the measurements.</summary>
    internal void Machine()
    {
        string[] load = File.ReadAllText("/proc/loadavg").Split(' ');
        string processor = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name"), "model name: unknown").Split(':')[1].Trim();
        Line("# Results");
        Paragraph("Written by `./build.sh bench`. Values are medians over rounds, in parentheses the quartiles. In each round all candidates have "
            + "a turn, in random order; a ratio is that of two candidates within a round, so that whatever else the machine did counts for both.");
        Paragraph($"{Environment.ProcessorCount} cores ({processor}), Linux {Environment.OSVersion.Version}, load average before the run {string.Join(" ", load[..3])}, "
            + $"{DateTime.UtcNow:yyyy-MM-dd}.");
        if (double.Parse(load[0]) > QuietLoad)
        {
            Console.Error.WriteLine($"warning: the load average is {load[0]}; the results will be uncertain");
            Paragraph($"**Warning: the machine was busy** (load average above {QuietLoad}); the figures are uncertain.");
        }
    }

    internal void Section(string title, string explanation)
    {
        Line($"## {title}");
        Paragraph(explanation);
    }

    internal void Paragraph(string paragraph)
    {
        Line(paragraph);
        Line("");
    }

    /// <summary>A table of values, with the ratio of the first candidate's values to those of the others.</summary>
    /// <param name="heading">The heading of the rows.</param>
    /// <param name="unit">The unit of the values.</param>
    /// <param name="format">The format of a value.</param>
    /// <param name="candidates">The names of the candidates.</param>
    /// <param name="rows">
    /// For each row its name, and for each candidate the values of all rounds; null if the candidate doesn't support it.
    /// </param>
    internal void Compare(string heading, string unit, string format, string[] candidates, IEnumerable<(string Name, double[]?[] Values)> rows)
    {
        Line($"{unit}:");
        Line("");
        Row([heading, .. candidates.Select((name, i) => i == 0 ? $"**{name}**" : name), .. candidates.Skip(1).Select(name => $"× {name}")]);
        Row([.. Enumerable.Repeat("---", 2 * candidates.Length)]);
        foreach ((string name, double[]?[] values) in rows)
        {
            Row([name,
                .. values.Select(rounds => rounds == null ? "–" : Spread.Of(rounds).Format(format)),
                .. values.Skip(1).Select(rounds => rounds == null || values[0] == null ? "–" : Spread.OfRatios(values[0]!, rounds).Format("F3"))]);
        }
        Line("");
    }

    internal void Row(params string[] cells) => Line($"| {string.Join(" | ", cells)} |");

    internal void Line(string line) => text.Append(line).Append('\n');

    public override string ToString() => text.ToString().TrimEnd('\n') + "\n";
}
