using BenchmarkDotNet.Attributes;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Bench.Types;

/// <summary>The changes for a connection in the environment of its program: the connection's variables, edits of a rule.</summary>
public unsafe class EnvironmentEdits
{
    private const int Entries = 20;

    private readonly byte** list = NativeText.ListOf([.. Enumerable.Range(0, Entries).Select(i => $"VARIABLE_{i}=value {i}")]);
    private readonly Region* region = (Region*)System.Runtime.InteropServices.NativeMemory.AllocZeroed((nuint)sizeof(Region));

    /// <summary>Sets five variables that the environment doesn't have.</summary>
    [Benchmark]
    public int SetNew()
    {
        EnvironmentBlock block = Begin();
        block.Set("PROTO"u8, "IPC"u8);
        block.Set("IPCREMOTEEUID"u8, "1000"u8);
        block.Set("IPCREMOTEEGID"u8, "1000"u8);
        block.Set("IPCREMOTEPATH"u8, ""u8);
        block.Set("IPCCONNNUM"u8, "1"u8);
        return block.Count;
    }

    /// <summary>Applies three edits to variables that the environment has.</summary>
    [Benchmark]
    public int ApplyToExisting()
    {
        EnvironmentBlock block = Begin();
        block.Apply("VARIABLE_3=other"u8);
        block.Apply("VARIABLE_7"u8);
        block.Apply("VARIABLE_19=other"u8);
        return block.Count;
    }

    /// <summary>Finds the last variable.</summary>
    [Benchmark]
    public int Find() => Begin().TryGet("VARIABLE_19"u8, out ReadOnlySpan<byte> value) ? value.Length : 0;

    private EnvironmentBlock Begin()
    {
        region->Reset();
        return new EnvironmentBlock(list, Entries, new LocalService.Memory.Allocator(region));
    }
}
