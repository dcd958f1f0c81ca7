using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck.Fluent;
using LocalService.Memory;
using Xunit;

namespace LocalService.Tests.Unit;

public sealed unsafe class RegionTests
{
    [Fact]
    public void Pieces_are_aligned_and_never_overlap_whatever_their_sizes_and_resets() =>
        Properties.ForAll(Properties.List(Properties.List(Gen.Choose(0, 100_000), 8), 4), rounds =>
        {
            var region = new Region();
            bool sound = true;
            foreach (IEnumerable<int> sizes in rounds)
            {
                var pieces = sizes.Select(size => (Start: Allocate(ref region, size), Size: size)).OrderBy(piece => piece.Start).ToList();
                sound &= pieces.TrueForAll(piece => piece.Start % 16 == 0);
                sound &= pieces.Zip(pieces.Skip(1)).All(pair => pair.First.Start + pair.First.Size <= pair.Second.Start);
                region.Reset();
            }
            Assert.True(sound);
        }, runs: 300);

    [Fact]
    public void A_region_that_is_used_again_as_before_takes_the_same_memory()
    {
        var region = new Region();
        _ = Allocate(ref region, 200_000);
        region.Reset();
        long first = Allocate(ref region, 100_000);
        for (int i = 0; i < 1000; i++)
        {
            region.Reset();
            Assert.Equal(first, Allocate(ref region, 100_000));
        }
    }

    [Fact]
    public unsafe void AFirstChunkOfAnyPlaceAndSizeIsNeverLeft()
    {
        const int Size = 256;
        byte* memory = stackalloc byte[Size + 16];
        for (int skipped = 0; skipped < 16; skipped += 8)
        {
            for (int size = 64; size <= Size; size++)
            {
                new Span<byte>(memory, Size + 16).Clear();
                var region = new Region();
                region.StartWith(memory + skipped, (nuint)size);
                for (int i = 0; i < Size; i++)
                    *region.Allocate(1) = 1;
                Assert.DoesNotContain((byte)1, new ReadOnlySpan<byte>(memory + skipped + size, Size - size + 16 - skipped).ToArray());
            }
        }
    }

    [Fact]
    public void What_is_more_than_there_is_fails_and_leaves_the_region_usable()
    {
        var region = new Region();
        Assert.Equal("Cannot allocate memory"u8.ToArray(), region.Ensure(nuint.MaxValue / 2).Text.ToArray());
        Assert.False(region.Ensure(1000).Failed);
        Assert.NotEqual(0, Allocate(ref region, 1000));
    }

    // Writes to all of it: memory that isn't there would crash the test run.
    private static long Allocate(ref Region region, int size)
    {
        byte* memory = region.Allocate((nuint)size);
        new Span<byte>(memory, size).Fill(0xA5);
        return (long)memory;
    }
}
