using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck.Fluent;
using LocalService.Client;
using LocalService.Libc;
using Xunit;

namespace LocalService.Tests.Unit;

public sealed class PumpTests
{
    private const int BufferSize = 7;

    [Fact]
    public void What_comes_in_goes_out_in_order_whatever_the_two_ends_take_and_give() => Properties.ForAll(
        Properties.List(Properties.Bytes(12), 8), Properties.List(Gen.Choose(0, 9), 40), (pieces, capacities) =>
        {
            var ends = new Ends { Pieces = new Queue<byte[]>(pieces.Select(piece => (byte[])piece).Where(piece => piece.Length > 0)), Capacities = capacities };
            byte[] expected = [.. ends.Pieces.SelectMany(piece => piece)];
            Pump pump = ends.Run(splices: false);
            Assert.Equal(expected, ends.Taken);
            Assert.False(pump.HasFailed);
        });

    [Fact]
    public void Spliced_data_arrive_as_well_also_where_a_pair_turns_out_not_to_be_for_that() => Properties.ForAll(
        Properties.List(Properties.Bytes(12), 8), Gen.Choose(0, 10), (pieces, works) =>
        {
            var ends = new Ends { Pieces = new Queue<byte[]>(pieces.Select(piece => (byte[])piece).Where(piece => piece.Length > 0)), Capacities = [9], SplicesThatWork = works };
            byte[] expected = [.. ends.Pieces.SelectMany(piece => piece)];
            Assert.False(ends.Run(splices: true).HasFailed);
            Assert.Equal(expected, ends.Taken);
        });

    [Fact]
    public void The_source_is_asked_for_only_while_the_buffer_is_empty_and_the_sink_only_while_it_is_not()
    {
        var pump = new Pump(splices: false);
        Assert.True(pump.NeedsSource);
        Assert.Equal(0, pump.SinkEvents);
        Assert.Equal(PumpStep.Wait, pump.Next(sourceReady: false, sinkReady: true));
        Assert.Equal(PumpStep.Read, pump.Next(sourceReady: true, sinkReady: false));
        pump.Filled(5);
        Assert.False(pump.NeedsSource);
        Assert.Equal(LibC.POLLOUT, pump.SinkEvents);
        Assert.Equal(PumpStep.Wait, pump.Next(sourceReady: true, sinkReady: false));
        Assert.Equal(PumpStep.Write, pump.Next(sourceReady: false, sinkReady: true));
        pump.Drained(3);
        Assert.Equal((3, 5), (pump.Start, pump.End));
        Assert.False(pump.NeedsSource);
        pump.Drained(2);
        Assert.True(pump.NeedsSource);
    }

    [Fact]
    public void The_end_of_the_source_is_the_end()
    {
        var pump = new Pump(splices: false);
        pump.Filled(0);
        Assert.True(pump.IsOver);
        Assert.False(pump.HasFailed);
        Assert.Equal(PumpStep.End, pump.Next(sourceReady: false, sinkReady: false));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_error_ends_it_and_is_remembered(bool splices)
    {
        var pump = new Pump(splices);
        pump.Fail();
        Assert.True(pump.HasFailed);
        Assert.Equal(PumpStep.End, pump.Next(sourceReady: true, sinkReady: true));
    }

    [Fact]
    public void At_a_broken_sink_an_empty_buffer_is_the_end_unless_the_source_counts()
    {
        // Data left in the source has no reader. But in the direction to the peer, it decides whether this is an error.
        var pump = new Pump(splices: false);
        Assert.Equal(PumpStep.Read, pump.NextAtBrokenSink(asksSource: true));
        Assert.Equal(PumpStep.End, pump.NextAtBrokenSink(asksSource: false));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void At_a_broken_sink_what_is_in_the_buffer_has_one_last_attempt(bool asksSource)
    {
        var pump = new Pump(splices: false);
        pump.Filled(5);
        Assert.Equal(PumpStep.Write, pump.NextAtBrokenSink(asksSource));
        pump.Leave();
        Assert.True(pump.IsOver);
        Assert.False(pump.HasFailed);
    }

    [Fact]
    public void At_a_broken_sink_data_that_wait_in_the_source_of_a_splice_are_read_so_that_the_error_is_found()
    {
        var pump = new Pump(splices: true);
        pump.SpliceStalled(sourceReported: true); // the sink is full
        Assert.Equal(PumpStep.Read, pump.NextAtBrokenSink(asksSource: false));
        Assert.False(pump.Splices);
    }

    [Fact]
    public void A_splice_that_stalls_waits_for_the_sink_where_the_source_has_data_and_is_given_up_where_both_are_ready()
    {
        var pump = new Pump(splices: true);
        pump.SpliceStalled(sourceReported: false);
        Assert.True(pump.NeedsSource); // the source may have been empty
        pump.SpliceStalled(sourceReported: true);
        Assert.False(pump.NeedsSource);
        Assert.Equal(PumpStep.Splice, pump.Next(sourceReady: false, sinkReady: true));
        pump.SpliceStalled(sourceReported: true);
        Assert.False(pump.Splices);
        Assert.Equal(PumpStep.Read, pump.Next(sourceReady: true, sinkReady: false));
    }

    /// <summary>A source that returns its data in pieces, and a sink that accepts as much as it has room for.</summary>
    private sealed class Ends
    {
        internal List<byte> Taken { get; } = [];
        internal Queue<byte[]> Pieces { get; set; } = new();
        internal int[] Capacities { get; init; } = [];
        internal int SplicesThatWork { get; set; }

        internal Pump Run(bool splices)
        {
            var pump = new Pump(splices);
            byte[] buffer = new byte[BufferSize];
            for (int turn = 0; !pump.IsOver; turn++)
            {
                Assert.InRange(turn, 0, 10_000);
                int room = turn < Capacities.Length ? Capacities[turn] : BufferSize;
                switch (pump.Next(sourceReady: pump.NeedsSource, sinkReady: room > 0))
                {
                    case PumpStep.Read:
                        Assert.True(pump.NeedsSource);
                        pump.Filled(Give(buffer));
                        break;
                    case PumpStep.Write:
                        int count = Math.Min(room, pump.End - pump.Start);
                        Taken.AddRange(buffer[pump.Start..(pump.Start + count)]);
                        pump.Drained(count);
                        break;
                    case PumpStep.Splice when SplicesThatWork-- <= 0:
                        pump.SpliceStalled(sourceReported: true);
                        break;
                    case PumpStep.Splice:
                        int moved = Give(buffer);
                        Taken.AddRange(buffer[..moved]);
                        pump.Spliced(moved);
                        break;
                    default:
                        break;
                }
            }
            return pump;
        }

        private int Give(byte[] buffer)
        {
            if (Pieces.Count == 0)
                return 0;
            byte[] piece = Pieces.Dequeue();
            int count = Math.Min(piece.Length, buffer.Length);
            piece.AsSpan(0, count).CopyTo(buffer);
            if (count < piece.Length)
                Pieces = new Queue<byte[]>([piece[count..], .. Pieces]);
            return count;
        }
    }
}
