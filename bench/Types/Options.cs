using BenchmarkDotNet.Attributes;
using LocalService.Access;
using LocalService.CommandLine;

namespace LocalService.Bench.Types;

/// <summary>Reading command lines.</summary>
public unsafe class Options
{
    private readonly Words gate = new(NativeText.ListOf("s6-ipcserver-access", "-v", "2", "-l", "local", "-x", "rules.cdb", "--", "program", "argument"));
    private readonly Words cluster = new(NativeText.ListOf("program", "-abc", "-dvalue", "-e", "value", "rest"));

    /// <summary>The options of the gate, as the server reads them once and the role each time.</summary>
    [Benchmark]
    public bool Gate() => AccessOptions.TryParse(gate, out _);

    /// <summary>Letters in a cluster, attached and detached arguments.</summary>
    [Benchmark]
    public int Clusters()
    {
        var parser = new OptionParser(cluster, "abcd:e:"u8);
        int count = 0;
        while (parser.Next() != OptionParser.End)
            count++;
        return count;
    }
}
