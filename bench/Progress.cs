using System.Diagnostics;

namespace LocalService.Bench;

/// <summary>Prints on standard error which measurement is running, for the user who waits.</summary>
internal sealed class Progress
{
    private string group = "";
    private long start;

    internal void Begin(string name)
    {
        group = name;
        start = Stopwatch.GetTimestamp();
    }

    internal void Step(string what) => Console.Error.WriteLine($"[{Stopwatch.GetElapsedTime(start).TotalSeconds,4:F0} s] {group}: {what}");

    internal void End() => Step("done");
}
