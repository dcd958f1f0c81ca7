using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Messages;
using LocalService.Posix;
using Xunit;

namespace LocalService.Tests.Unit;

/// <summary>Messages without descriptors: specification "fd-passing", section 2.</summary>
public sealed class TextMessageTests
{
    [Fact]
    public void Messages_come_out_as_they_went_in()
    {
        using var pair = new Pipe();
        var writer = new TextMessageWriter(1 << 20);
        var reader = new TextMessageReader(TextMessageFormat.LargestData);
        Assert.False(writer.Add("one"u8, " two"u8).Failed);
        Assert.False(writer.Add(default).Failed);
        Assert.False(writer.Add(new byte[10000]).Failed);
        Assert.False(writer.Flush(pair.Writing).Failed);
        Assert.Equal(0, writer.Waiting);
        Assert.True(Next(ref reader, pair).SequenceEqual("one two"u8));
        Assert.True(Next(ref reader, pair).SequenceEqual(""u8));
        Assert.Equal(10000, Next(ref reader, pair).Length);
        Assert.Equal(libc.EAGAIN, reader.Receive(pair.Reading).Number);
        reader.Free();
        writer.Free();
    }

    [Fact]
    public void What_waits_is_bounded()
    {
        var writer = new TextMessageWriter(100);
        Assert.False(writer.Add(new byte[40]).Failed);
        Assert.False(writer.Add(new byte[52]).Failed);
        Assert.Equal(libc.ENOBUFS, writer.Add(default).Number);
        Assert.Equal(100, writer.Waiting);
        writer.Free();
    }

    [Fact]
    public void A_length_above_the_limit_is_an_error_at_once()
    {
        using var pair = new Pipe();
        var reader = new TextMessageReader(5);
        pair.Write([0, 0, 0, 6]);
        Assert.False(reader.Receive(pair.Reading).Failed);
        Assert.Equal(libc.EMSGSIZE, reader.Next(out _).Error.Number);
        reader.Free();
    }

    [Fact]
    public void The_pieces_of_a_message_are_put_together_and_the_end_is_told()
    {
        using var pair = new Pipe();
        var reader = new TextMessageReader(TextMessageFormat.LargestData);
        foreach (byte part in (byte[])[0, 0, 0, 2, 65, 66])
        {
            Assert.False(reader.Next(out _).Value);
            pair.Write([part]);
            Assert.False(reader.Receive(pair.Reading).Failed);
        }
        Assert.True(reader.Next(out ReadOnlySpan<byte> message).Value);
        Assert.True(message.SequenceEqual("AB"u8));
        pair.CloseWriting();
        Assert.Equal(libc.EPIPE, reader.Receive(pair.Reading).Number);
        reader.Free();
    }

    [Fact]
    public void A_full_pipe_is_taken_up_where_it_stopped()
    {
        using var pair = new Pipe();
        var writer = new TextMessageWriter(1 << 20);
        var reader = new TextMessageReader(TextMessageFormat.LargestData);
        int sent = 0;
        while (!writer.Flush(pair.Writing).Failed)
            Assert.False(writer.Add(new byte[1000 + sent++]).Failed);
        for (int received = 0; received < sent; received++)
        {
            while (!reader.Next(out ReadOnlySpan<byte> message).Value)
            {
                Assert.False(reader.Receive(pair.Reading).Failed);
                _ = writer.Flush(pair.Writing);
            }
        }
        Assert.Equal(0, writer.Waiting);
        reader.Free();
        writer.Free();
    }

    private static ReadOnlySpan<byte> Next(ref TextMessageReader reader, Pipe pair)
    {
        while (true)
        {
            Result<bool> next = reader.Next(out ReadOnlySpan<byte> message);
            if (next.Value)
                return message;
            Assert.False(reader.Receive(pair.Reading).Failed);
        }
    }

    /// <summary>A non-blocking pipe.</summary>
    private sealed unsafe class Pipe : IDisposable
    {
        internal Pipe()
        {
            int* ends = stackalloc int[2];
            Assert.Equal(0, libc.pipe2(ends, LibC.O_CLOEXEC | LibC.O_NONBLOCK));
            Reading = ends[0];
            Writing = ends[1];
        }

        internal int Reading { get; }

        internal int Writing { get; private set; }

        internal void Write(byte[] bytes)
        {
            fixed (byte* start = bytes)
                Assert.Equal(bytes.Length, (int)libc.write(Writing, start, (nuint)bytes.Length));
        }

        internal void CloseWriting()
        {
            _ = libc.close(Writing);
            Writing = -1;
        }

        public void Dispose()
        {
            _ = libc.close(Reading);
            if (Writing >= 0)
                _ = libc.close(Writing);
        }
    }
}
