using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using LocalService.Cdb;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;
using Xunit;

namespace LocalService.Tests.Unit;

public sealed unsafe class CdbTests : IDisposable
{
    // Short keys over a small alphabet, so that they repeat, and arbitrary keys.
    private static readonly Gen<byte[]> keys = Gen.OneOf(Properties.Text("ab/", 4).Select(text => text.ToBytes()), Properties.Bytes(150));
    private static readonly Gen<(byte[] Key, byte[] Data)[]> databases = Properties.List(Gen.Zip(keys, Properties.Bytes(100)), 60);

    private readonly string path = Path.GetTempFileName();

    public void Dispose() => File.Delete(path);

    [Fact]
    public void An_empty_database_is_its_header()
    {
        var source = new MemorySource(Make([]));
        Assert.Equal(CdbFormat.HeaderSize, source.Content.Length);
        Assert.True(CdbLookup.Find(ref source, "uid/0"u8).Error.Is(libc.ENOENT));
        Assert.False(CdbWalk.Of(ref source).Value.HasNext);
    }

    [Fact]
    public void The_first_record_of_a_key_is_found() => Properties.ForAll(databases, keys, (records, stranger) =>
    {
        var source = new MemorySource(Make(records));
        byte* window = stackalloc byte[CdbFile.WindowSize];
        Assert.False(Open(window, out CdbFile file).Failed);
        foreach (byte[] key in records.Select(record => record.Key).Append(stranger))
        {
            byte[]? expected = records.FirstOrDefault(record => record.Key.SequenceEqual(key)).Data;
            Assert.Equal(expected, Find(ref source, key));
            Assert.Equal(expected, Find(ref file, key));
        }
        file.Close();
    }, runs: 300);

    [Fact]
    public void A_walk_meets_all_records_in_order() => Properties.ForAll(databases, records =>
    {
        var source = new MemorySource(Make(records));
        CdbWalk walk = CdbWalk.Of(ref source).Value;
        var met = new List<string>();
        while (walk.HasNext)
        {
            CdbRecord record = walk.Next(ref source).Value;
            met.Add(Show(Read(ref source, record.KeyOffset, record.KeyLength)!, Read(ref source, record.DataOffset, record.DataLength)!));
        }
        Assert.Equal(records.Select(record => Show(record.Key, record.Data)), met);
    }, runs: 300);

    [Fact]
    public void A_record_larger_than_the_window_is_read()
    {
        byte[] large = new byte[3 * CdbFile.WindowSize];
        new Random(1).NextBytes(large);
        byte* window = stackalloc byte[CdbFile.WindowSize];
        _ = Make([("small"u8.ToArray(), [1]), ("large"u8.ToArray(), large), ("last"u8.ToArray(), [2])]);
        Assert.False(Open(window, out CdbFile file).Failed);
        Assert.Equal(large, Find(ref file, "large"u8));
        Assert.Equal([2], Find(ref file, "last"u8));
        Assert.Equal([1], Find(ref file, "small"u8));
        file.Close();
    }

    /// <summary>An index outside the array throws: no result may come from other memory, and every walk must end.</summary>
    [Fact]
    public void A_damaged_database_gives_an_answer_or_an_error()
    {
        const int Databases = 100;
        const int Mutations = 100;
        var random = new Random(20260101);
        for (int i = 0; i < Databases; i++)
        {
            (byte[] Key, byte[] Data)[] records =
                [.. Enumerable.Range(0, random.Next(1, 40)).Select(n => ($"uid/{n}".ToBytes(), new byte[random.Next(20)]))];
            byte[] whole = Make(records);
            for (int j = 0; j < Mutations; j++)
            {
                var source = new MemorySource(Mutate(whole, random));
                foreach ((byte[] key, _) in records)
                    _ = Find(ref source, key);
                WalkToTheEnd(source);
            }
        }
    }

    [Fact]
    public void Every_truncation_gives_an_answer_or_an_error()
    {
        byte[] whole = Make([("uid/0"u8.ToArray(), "D"u8.ToArray()), ("gid/5"u8.ToArray(), [65, 0, 0, 0, 0])]);
        for (int length = 0; length < whole.Length; length++)
        {
            var source = new MemorySource(whole[..length]);
            Assert.True(Find(ref source, "uid/0"u8) is null or [(byte)'D']);
            WalkToTheEnd(source);
        }
    }

    [Fact]
    public void A_file_that_shrinks_is_an_error()
    {
        byte[] large = new byte[5 * CdbFile.WindowSize];
        byte* window = stackalloc byte[CdbFile.WindowSize];
        _ = Make([("key"u8.ToArray(), large)]);
        Assert.False(Open(window, out CdbFile file).Failed);
        File.WriteAllBytes(path, new byte[1]);
        Assert.True(CdbLookup.Find(ref file, "key"u8).Error.Is(libc.EINVAL));
        Assert.True(file.View(0, CdbFile.WindowSize, out _).Is(libc.EINVAL));
        file.Close();
    }

    [Fact]
    public void What_is_no_database_file_is_refused()
    {
        byte* window = stackalloc byte[CdbFile.WindowSize];
        File.WriteAllBytes(path, []);
        Assert.Equal(libc.EINVAL, Open(window, out _).Number);
        fixed (byte* directory = "/\0"u8)
            Assert.Equal(libc.ENODEV, CdbFile.Open(directory, window, out _).Number);
        fixed (byte* device = "/dev/null\0"u8)
            Assert.Equal(libc.ENODEV, CdbFile.Open(device, window, out _).Number);
        fixed (byte* missing = "/no/such\0"u8)
            Assert.Equal(libc.ENOENT, CdbFile.Open(missing, window, out _).Number);
    }

    private static string Show(byte[] key, byte[] data) => Convert.ToHexString(key) + ' ' + Convert.ToHexString(data);

    private static byte[] Mutate(byte[] whole, Random random)
    {
        byte[] mutated = [.. whole];
        for (int i = random.Next(1, 30); i > 0; i--)
            mutated[random.Next(mutated.Length)] = (byte)(random.Next(2) == 0 ? random.Next(256) : 255 * random.Next(2));
        return random.Next(3) == 0 ? mutated[..random.Next(mutated.Length)] : mutated;
    }

    private static void WalkToTheEnd(MemorySource source)
    {
        Result<CdbWalk> started = CdbWalk.Of(ref source);
        if (started.Failed)
            return;
        CdbWalk walk = started.Value;
        while (walk.HasNext && !walk.Next(ref source).Failed)
        {
        }
    }

    private static byte[]? Find<T>(ref T source, ReadOnlySpan<byte> key) where T : struct, ICdbSource
    {
        Result<CdbRecord> record = CdbLookup.Find(ref source, key);
        return record.Failed || record.Value.DataLength > 100_000 ? null : Read(ref source, record.Value.DataOffset, record.Value.DataLength);
    }

    private static byte[]? Read<T>(ref T source, ulong offset, uint length) where T : struct, ICdbSource
    {
        var bytes = new List<byte>();
        while (bytes.Count < length)
        {
            int part = Math.Min((int)length - bytes.Count, CdbSource.LongestView);
            if (source.View(offset + (ulong)bytes.Count, part, out ReadOnlySpan<byte> seen).Failed)
                return null;
            bytes.AddRange(seen);
        }
        return [.. bytes];
    }

    private byte[] Make((byte[] Key, byte[] Data)[] records)
    {
        using (FileStream file = File.Create(path))
        {
            var writer = new CdbWriter((int)file.SafeFileHandle.DangerousGetHandle());
            Assert.False(writer.Start().Failed);
            foreach ((byte[] key, byte[] data) in records)
                Assert.False(writer.Add(key, data).Failed);
            Assert.False(writer.Finish().Failed);
            writer.Free();
        }
        return File.ReadAllBytes(path);
    }

    private Errno Open(byte* window, out CdbFile file)
    {
        fixed (byte* name = (path + "\0").ToBytes())
            return CdbFile.Open(name, window, out file);
    }

    private readonly struct MemorySource(byte[] content) : ICdbSource
    {
        internal byte[] Content { get; } = content;

        public ulong Size => (ulong)Content.Length;

        public Errno View(ulong offset, int length, out ReadOnlySpan<byte> bytes)
        {
            bytes = default;
            if (offset > (ulong)Content.Length || (ulong)length > (ulong)Content.Length - offset)
                return CdbSource.Damaged;
            bytes = Content.AsSpan((int)offset, length);
            return default;
        }
    }
}
