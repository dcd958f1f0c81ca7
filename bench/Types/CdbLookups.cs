using System.Text;
using BenchmarkDotNet.Attributes;
using LocalService.Cdb;
using LocalService.Libc;

namespace LocalService.Bench.Types;

/// <summary>Lookups in an open database: a small one, as for rules, and one that is larger than the window of the file in memory.</summary>
public unsafe class CdbLookups
{
    private const int Small = 40;
    private const int Large = 10_000;

    private readonly byte[][] smallKeys = Keys(Small);
    private readonly byte[][] largeKeys = Keys(Large);
    private readonly byte[][] missing = [.. Keys(Small).Select(key => (byte[])[.. key, (byte)'x'])];
    private string path = "";
    private CdbFile small;
    private CdbFile large;
    private int next;

    /// <summary>Creates and opens the databases.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        path = Path.GetTempFileName();
        Write(path, smallKeys);
        Write(path + ".large", largeKeys);
        small = Open(path);
        large = Open(path + ".large");
    }

    /// <summary>Removes the databases.</summary>
    [GlobalCleanup]
    public void CleanUp()
    {
        small.Close();
        large.Close();
        File.Delete(path);
        File.Delete(path + ".large");
    }

    /// <summary>A key of the small database.</summary>
    [Benchmark]
    public bool SmallHit() => !CdbLookup.Find(ref small, smallKeys[next = (next + 1) % Small]).Failed;

    /// <summary>A key that is missing in the small database.</summary>
    [Benchmark]
    public bool SmallMiss() => !CdbLookup.Find(ref small, missing[next = (next + 1) % Small]).Failed;

    /// <summary>Keys in all parts of the large database.</summary>
    [Benchmark]
    public bool LargeHit() => !CdbLookup.Find(ref large, largeKeys[next = (next + 7919) % Large]).Failed;

    private static byte[][] Keys(int count) => [.. Enumerable.Range(1000, count).Select(id => Encoding.ASCII.GetBytes($"uid/{id}"))];

    private static void Write(string path, byte[][] keys)
    {
        using FileStream file = File.Create(path);
        var writer = new CdbWriter((int)file.SafeFileHandle.DangerousGetHandle());
        bool failed = writer.Start().Failed;
        foreach (byte[] key in keys)
            failed |= writer.Add(key, "A\0\0\0\0"u8).Failed;
        failed |= writer.Finish().Failed;
        writer.Free();
        if (failed)
            throw new IOException(path);
    }

    private static CdbFile Open(string path) =>
        CdbFile.Open(NativeText.Of(path), (byte*)System.Runtime.InteropServices.NativeMemory.Alloc(CdbFile.WindowSize), out CdbFile file).Failed
            ? throw new IOException(path)
            : file;
}
