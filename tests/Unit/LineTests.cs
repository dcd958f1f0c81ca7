using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using LocalService.CommandLine;
using LocalService.Libc;
using Xunit;

namespace LocalService.Tests.Unit;

public sealed unsafe class LineTests : IDisposable
{
    // A pipe in packet mode returns every write(2) separately.
    private const int O_DIRECT = 0x4000;
    private const int F_SETPIPE_SZ = 1031;

    private readonly int readEnd;
    private readonly int writeEnd;

    public LineTests()
    {
        int* ends = stackalloc int[2];
        Assert.Equal(0, libc.pipe2(ends, O_DIRECT | LibC.O_NONBLOCK | LibC.O_CLOEXEC));
        (readEnd, writeEnd) = (ends[0], ends[1]);
        // Room for 256 packets.
        Assert.NotEqual(-1, LibC.fcntl(writeEnd, F_SETPIPE_SZ, 256 * 4096));
    }

    public void Dispose()
    {
        _ = libc.close(readEnd);
        _ = libc.close(writeEnd);
    }

    [Fact]
    public void Comes_out_whole_whatever_the_sizes() => Properties.ForAll(Properties.List(Properties.Bytes(40), 6), Gen.Choose(1, 50), (parts, bufferSize) =>
    {
        byte[] expected = [.. parts.SelectMany(part => part), (byte)'\n'];
        byte[][] writes = Write(parts, bufferSize);
        Assert.Equal(expected, writes.SelectMany(write => write));
        if (expected.Length <= bufferSize)
            Assert.Single(writes);
        else
            Assert.All(writes, write => Assert.True(write.Length <= bufferSize));
    });

    [Fact]
    public void Numbers_are_decimal()
    {
        var line = new Line(writeEnd, stackalloc byte[64]);
        line.Add("n="u8);
        line.Add(ulong.MaxValue);
        line.End();
        Assert.Equal("n=18446744073709551615\n", ((ReadOnlySpan<byte>)Assert.Single(Read())).ToText());
    }

    [Fact]
    public void Write_errors_are_ignored()
    {
        using FileStream full = File.OpenWrite("/dev/full");
        _ = libc.errno; // The first call binds it.
        var line = new Line((int)full.SafeFileHandle.DangerousGetHandle(), stackalloc byte[4]);
        line.Add("longer than the buffer"u8);
        line.End();
        Assert.True(line.Text.IsEmpty);
    }

    private byte[][] Write(byte[][] parts, int bufferSize)
    {
        var line = new Line(writeEnd, new byte[bufferSize]);
        foreach (byte[] part in parts)
            line.Add(part);
        line.End();
        return Read();
    }

    private byte[][] Read()
    {
        var writes = new List<byte[]>();
        byte[] packet = new byte[4096];
        while (true)
        {
            nint length;
            fixed (byte* start = packet)
                length = libc.read(readEnd, start, (nuint)packet.Length);
            if (length <= 0)
                return [.. writes];
            writes.Add(packet[..(int)length]);
        }
    }
}
