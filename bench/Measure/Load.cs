namespace LocalService.Bench;

/// <summary>The results of the clients of bench/floor/load.c.</summary>
/// <param name="PerSecond">Connections begun and ended per second.</param>
/// <param name="Median">The median of their duration, in microseconds.</param>
/// <param name="Slow">Its 99th percentile.</param>
/// <param name="OwnProcessor">The processor time of the clients themselves per connection, in microseconds.</param>
internal readonly record struct Load(double PerSecond, double Median, double Slow, double OwnProcessor)
{
    /// <summary>Runs clients for a while, each of which connects again and again.</summary>
    internal static Load On(Server server, int clients, int milliseconds)
    {
        double[] numbers =
        [
            .. ChildProcess.Output("obj/bench/load", server.Path, clients.ToString(), milliseconds.ToString()).Split(' ').Select(double.Parse),
        ];
        return new Load(numbers[1], numbers[2], numbers[3], numbers[4]);
    }
}
