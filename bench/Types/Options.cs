using BenchmarkDotNet.Attributes;
using LocalService.Access;
using LocalService.CommandLine;

namespace LocalService.Bench.Types;

/// <summary>Reading command lines.</summary>
public unsafe class Options
{
    private readonly Words gate = new(NativeText.ListOf("s6-ipcserver-access", "-v", "2", "-l", "local", "-x", "rules.cdb", "--", "program", "argument"));
    private readonly Words cluster = new(NativeText.ListOf("program", "-abc", "-dvalue", "-e", "value", "rest"));

    /// <summary>The options of the gate, which the server reads once and the role each time.</summary>
    [Benchmark]
    public bool Gate()
    {
        var reader = new OptionReader(gate, IpcServerAccess.Declaration);
        _ = AccessOptions.Read(ref reader);
        return !reader.IsWrong;
    }

    /// <summary>Letters in a cluster, attached and detached arguments.</summary>
    [Benchmark]
    public int Clusters()
    {
        var reader = new OptionReader(
            cluster, "-a --all  first\n-b --bytes  second\n-c --count  third\n-d --data=text  fourth\n-e --end=text  fifth"u8);
        int count = 0;
        while (reader.Next(out _))
            count++;
        return count;
    }
}
