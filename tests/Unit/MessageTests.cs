using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck.Fluent;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Messages;
using LocalService.Posix;
using Xunit;

namespace LocalService.Tests.Unit;

public sealed unsafe class MessageTests : IDisposable
{
    private readonly SocketPair sockets = new();

    public void Dispose() => sockets.Dispose();

    [Fact]
    public void Messages_arrive_as_they_were_sent_whatever_the_pieces_they_come_in() => Properties.ForAll(
        Properties.List(Properties.Bytes(5000), 6), Properties.List(Gen.Choose(1, 3000), 5), (messages, pieces) =>
        {
            byte[] stream = [.. messages.SelectMany(data => Frame((byte[])data, 0))];
            var expected = messages.Select(data => Convert.ToHexString((byte[])data)).ToList();
            int[] sizes = [.. pieces, 100_000];
            var reader = new MessageReader(MessageFormat.LargestData, 0);
            var received = new List<string>();
            for (int sent = 0, piece = 0; sent < stream.Length; piece++)
            {
                int size = Math.Min(sizes[piece % sizes.Length], stream.Length - sent);
                Send(stream.AsSpan(sent, size));
                sent += size;
                Assert.Equal(0, ReceiveAll(ref reader, received));
            }
            reader.Free();
            Assert.Equal(expected, received);
        }, runs: 200);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(253)]
    public void Descriptors_arrive_in_order_and_close_on_exec(int count)
    {
        int[] sent = [.. Enumerable.Range(0, count).Select(_ => sockets.NewDescriptor())];
        Assert.Equal(0, SendMessage("data"u8, sent));
        var reader = new MessageReader(100, MessageFormat.MostDescriptors);
        Assert.Equal(0, reader.Receive(sockets.Far).Number);
        Assert.True(reader.Next(out Message message).Value);
        Assert.Equal("data", message.Data.ToText());
        Assert.Equal(count, message.DescriptorCount);
        for (int i = 0; i < count; i++)
        {
            int descriptor = message.Take(i);
            Assert.Equal(SocketPair.Target(sent[i]), SocketPair.Target(descriptor));
            Assert.Equal(LibC.FD_CLOEXEC, LibC.fcntl(descriptor, LibC.F_GETFD, 0));
            _ = libc.close(descriptor);
        }
        reader.Free();
    }

    [Fact]
    public void Descriptors_that_nobody_took_are_closed_with_their_message()
    {
        int descriptor = sockets.NewDescriptor();
        Assert.Equal(0, SendMessage("one"u8, [descriptor, descriptor]));
        Assert.Equal(0, SendMessage("two"u8, [descriptor]));
        var reader = new MessageReader(100, 2);
        Assert.Equal(0, reader.Receive(sockets.Far).Number);
        Assert.True(reader.Next(out Message message).Value);
        int taken = message.Take(1);
        Assert.Equal(3, SocketPair.Copies(descriptor));
        Assert.False(reader.Next(out _).Value);
        Assert.Equal(2, SocketPair.Copies(descriptor));
        _ = libc.close(taken);
        Assert.Equal(0, reader.Receive(sockets.Far).Number);
        Assert.Equal(2, SocketPair.Copies(descriptor));
        reader.Free();
        Assert.Equal(1, SocketPair.Copies(descriptor));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    [InlineData(1, 2)]
    [InlineData(2, 1)]
    [InlineData(3, 3)]
    [InlineData(255, 1)]
    [InlineData(65535, 0)]
    public void Another_number_of_descriptors_than_announced_or_allowed_is_an_error_and_closes_them(int announced, int sent)
    {
        int descriptor = sockets.NewDescriptor();
        SendRaw(Frame("x"u8.ToArray(), announced), [.. Enumerable.Repeat(descriptor, sent)]);
        var reader = new MessageReader(100, 2);
        Assert.Equal(0, reader.Receive(sockets.Far).Number);
        Assert.Equal(libc.EPROTO, reader.Next(out _).Error.Number);
        reader.Free();
        Assert.Equal(1, SocketPair.Copies(descriptor));
    }

    [Fact]
    public void Descriptors_may_come_with_any_byte_of_their_message()
    {
        int descriptor = sockets.NewDescriptor();
        byte[] frame = Frame("data"u8.ToArray(), 3);
        var reader = new MessageReader(100, 3);
        SendRaw(frame[..3], [descriptor]);
        Assert.Equal(0, reader.Receive(sockets.Far).Number);
        Assert.False(reader.Next(out _).Value);
        SendRaw(frame[3..9], []);
        SendRaw(frame[9..], [descriptor, descriptor]);
        Message message;
        while (!reader.Next(out message).Value)
            Assert.Equal(0, reader.Receive(sockets.Far).Number);
        Assert.Equal(3, message.DescriptorCount);
        reader.Free();
        Assert.Equal(1, SocketPair.Copies(descriptor));
    }

    [Fact]
    public void Messages_with_all_descriptors_may_follow_each_other_in_pieces()
    {
        int descriptor = sockets.NewDescriptor();
        int[] most = [.. Enumerable.Repeat(descriptor, MessageFormat.MostDescriptors)];
        byte[] frame = Frame(new byte[300], most.Length);
        var reader = new MessageReader(300, most.Length);
        SendRaw(frame[..100], most);
        Assert.Equal(0, reader.Receive(sockets.Far).Number);
        Assert.False(reader.Next(out _).Value);
        SendRaw(frame[100..], []);
        SendRaw(frame, most);
        for (int messages = 0; messages < 2;)
        {
            Result<bool> next = reader.Next(out Message message);
            Assert.False(next.Failed);
            if (!next.Value)
            {
                Assert.Equal(0, reader.Receive(sockets.Far).Number);
                continue;
            }
            messages++;
            Assert.Equal((300, most.Length), (message.Data.Length, message.DescriptorCount));
        }
        reader.Free();
        Assert.Equal(1, SocketPair.Copies(descriptor));
    }

    [Fact]
    public void A_message_behind_one_without_descriptors_keeps_its_own()
    {
        int descriptor = sockets.NewDescriptor();
        Assert.Equal(0, SendMessage("plain"u8, []));
        Assert.Equal(0, SendMessage("with"u8, [descriptor]));
        var reader = new MessageReader(100, 1);
        Assert.Equal(0, reader.Receive(sockets.Far).Number);
        Assert.True(reader.Next(out Message message).Value);
        Assert.Equal("plain", message.Data.ToText());
        Assert.Equal(0, message.DescriptorCount);
        Assert.True(reader.Next(out message).Value);
        Assert.Equal("with", message.Data.ToText());
        Assert.Equal(1, message.DescriptorCount);
        reader.Free();
        Assert.Equal(1, SocketPair.Copies(descriptor));
    }

    [Fact]
    public void An_announced_length_over_the_limit_is_an_error_at_once()
    {
        var reader = new MessageReader(100, 0);
        Send([0, 0, 0, 101, 0, 0]);
        Assert.Equal(0, reader.Receive(sockets.Far).Number);
        Assert.Equal(libc.EPROTO, reader.Next(out _).Error.Number);
        reader.Free();
    }

    [Fact]
    public void Nothing_and_the_end_are_told()
    {
        var reader = new MessageReader(100, 0);
        Assert.Equal(libc.EAGAIN, reader.Receive(sockets.Far).Number);
        Send([0, 0]);
        Assert.Equal(0, reader.Receive(sockets.Far).Number);
        Assert.False(reader.Next(out _).Value);
        sockets.Close(sockets.Near);
        Assert.Equal(libc.EPIPE, reader.Receive(sockets.Far).Number);
        reader.Free();
    }

    [Fact]
    public void A_message_larger_than_the_socket_is_sent_once_and_its_descriptor_with_the_first_byte()
    {
        int descriptor = sockets.NewDescriptor();
        byte[] data = new byte[3_000_000];
        new Random(1).NextBytes(data);
        var writer = new MessageWriter();
        Prepare(ref writer, data, [descriptor]);
        Prepare(ref writer, data, [descriptor]);
        var reader = new MessageReader(data.Length, 1);
        Message message;
        Result<bool> whole;
        Assert.False(writer.IsUnderWay);
        while (true)
        {
            Errno error = writer.Flush(sockets.Near);
            Assert.True(writer.IsUnderWay);
            Assert.True(error.Is(libc.EAGAIN) == !writer.IsIdle);
            whole = reader.Next(out message);
            if (whole.Value)
                break;
            Assert.Equal(0, reader.Receive(sockets.Far).Number);
        }
        Assert.True(writer.IsIdle);
        Assert.True(message.Data.SequenceEqual(data));
        Assert.Equal(1, message.DescriptorCount);
        Assert.Equal(0, writer.Flush(sockets.Near).Number);
        Assert.False(reader.Next(out _).Value);
        Assert.Equal(libc.EAGAIN, reader.Receive(sockets.Far).Number);
        writer.Free();
        reader.Free();
        Assert.Equal(1, SocketPair.Copies(descriptor));
    }

    [Fact]
    public void Messages_that_wait_behind_each_other_come_in_order_however_the_socket_takes_them()
    {
        const int Count = 20_000;
        var writer = new MessageWriter();
        var reader = new MessageReader(1000, 0);
        int begun = 0, come = 0;
        while (come < Count)
        {
            while (begun < Count && writer.HasRoomBehind)
            {
                Assert.Equal(0, writer.BeginBehind().Number);
                Assert.Equal(0, writer.AddNumber((uint)begun++).Number);
                Assert.Equal(0, writer.Add(new byte[begun % 97]).Number);
                Assert.Equal(0, writer.End().Number);
            }
            _ = writer.Flush(sockets.Near);
            while (reader.Next(out Message message).Value)
            {
                Assert.Equal((ulong)come++, BigEndian.Read(message.Data[..sizeof(uint)]));
                Assert.Equal(sizeof(uint) + (come % 97), message.Data.Length);
            }
            _ = reader.Receive(sockets.Far);
        }
        Assert.True(writer.IsIdle);
        writer.Free();
        reader.Free();
    }

    [Fact]
    public void Nothing_is_put_behind_descriptors_that_were_not_sent_or_behind_too_much()
    {
        var writer = new MessageWriter();
        Prepare(ref writer, "x"u8, [0]);
        Assert.False(writer.HasRoomBehind);
        Prepare(ref writer, "x"u8, []);
        Assert.True(writer.HasRoomBehind);
        Prepare(ref writer, new byte[MessageWriter.MostWaiting], []);
        Assert.False(writer.HasRoomBehind);
        writer.Free();
    }

    [Fact]
    public void Impossible_descriptors_are_refused_before_they_are_sent()
    {
        var writer = new MessageWriter();
        Assert.Equal(0, writer.Begin().Number);
        Assert.Equal(libc.EINVAL, writer.AddDescriptor(-1).Number);
        for (int i = 0; i < MessageFormat.MostDescriptors; i++)
            Assert.Equal(0, writer.AddDescriptor(0).Number);
        Assert.Equal(libc.EPROTO, writer.AddDescriptor(0).Number);
        writer.Free();
    }

    [Fact]
    public void A_wait_for_a_message_ends_with_its_time()
    {
        var reader = new MessageReader(100, 0);
        Assert.Equal(libc.ETIMEDOUT, Conversation.Receive(sockets.Far, ref reader, new TimeLimit(1), out _).Number);
        reader.Free();
    }

    [Fact]
    public void A_sender_whose_peer_is_gone_is_told_without_a_signal()
    {
        sockets.Close(sockets.Far);
        Assert.Equal(libc.EPIPE, SendMessage("x"u8, []));
    }

    private static byte[] Frame(byte[] data, int descriptors) =>
        [(byte)(data.Length >> 24), (byte)(data.Length >> 16), (byte)(data.Length >> 8), (byte)data.Length,
            (byte)(descriptors >> 8), (byte)descriptors, .. data];

    private static void Prepare(ref MessageWriter writer, ReadOnlySpan<byte> data, ReadOnlySpan<int> descriptors)
    {
        Assert.Equal(0, writer.Begin().Number);
        Assert.Equal(0, writer.Add(data).Number);
        foreach (int descriptor in descriptors)
            Assert.Equal(0, writer.AddDescriptor(descriptor).Number);
        Assert.Equal(0, writer.End().Number);
    }

    private int SendMessage(ReadOnlySpan<byte> data, ReadOnlySpan<int> descriptors)
    {
        var writer = new MessageWriter();
        Prepare(ref writer, data, descriptors);
        int error = Conversation.Send(sockets.Near, ref writer, default).Number;
        writer.Free();
        return error;
    }

    private void Send(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
            Assert.Equal(bytes.Length, libc.send(sockets.Near, start, (nuint)bytes.Length, 0));
    }

    private void SendRaw(byte[] bytes, int[] descriptors)
    {
        nint* control = stackalloc nint[ControlMessage.Words];
        fixed (byte* start = bytes)
        {
            var vector = new libc.iovec { iov_base = start, iov_len = (nuint)bytes.Length };
            var message = new libc.msghdr { msg_iov = &vector, msg_iovlen = 1 };
            if (descriptors.Length > 0)
                ControlMessage.Attach(control, descriptors, ref message);
            Assert.Equal(bytes.Length, libc.sendmsg(sockets.Near, &message, 0));
        }
    }

    private int ReceiveAll(ref MessageReader reader, List<string> received)
    {
        while (true)
        {
            Errno error = reader.Receive(sockets.Far);
            if (error.Is(libc.EAGAIN))
                return 0;
            if (error.Failed)
                return error.Number;
            while (true)
            {
                Result<bool> whole = reader.Next(out Message message);
                if (whole.Failed)
                    return whole.Error.Number;
                if (!whole.Value)
                    break;
                received.Add(Convert.ToHexString(message.Data));
            }
        }
    }
}
