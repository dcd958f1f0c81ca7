using System;
using FsCheck;
using FsCheck.Fluent;
using LocalService.Posix;
using Xunit;

namespace LocalService.Tests.Unit;

public sealed class TaiDateTests
{
    private const uint LastNanosecond = 999_999_999;

    private static readonly Gen<TaiDate> dates =
        Gen.Zip(Gen.Choose(0, int.MaxValue), Gen.OneOf(Gen.Choose(0, 3), Gen.Choose((int)LastNanosecond - 3, (int)LastNanosecond)))
            .Select(parts => TaiDate.OfUnixTime(parts.Item1, (uint)parts.Item2));

    [Fact]
    public void The_start_of_1970_has_its_label() => Assert.Equal((1UL << 62) + 37, TaiDate.OfUnixTime(0, 0).Label);

    [Fact]
    public void A_packed_date_is_big_endian()
    {
        byte[] packed = new byte[TaiDate.PackedSize];
        TaiDate.OfUnixTime(0x01020304, 0x05060708).Pack(packed);
        Assert.Equal("400000000102032905060708", Convert.ToHexStringLower(packed));
    }

    [Fact]
    public void Dates_come_back_from_bytes_and_text() => Properties.ForAll(dates, date =>
    {
        byte[] packed = new byte[TaiDate.PackedSize];
        date.Pack(packed);
        Assert.True(TaiDate.TryUnpack(packed, out TaiDate unpacked));
        Assert.True(unpacked.Equals(date));
        byte[] text = new byte[TaiDate.TextLength];
        date.Format(text);
        Assert.Equal("@" + Convert.ToHexStringLower(packed), ((ReadOnlySpan<byte>)text).ToText());
        Assert.True(TaiDate.TryParse(text, out TaiDate parsed));
        Assert.True(parsed.Equals(date));
        Assert.Equal((long)(date.Label - (1UL << 62) - 37), date.UnixTime.tv_sec);
    });

    [Theory]
    [InlineData("400000000000000000000000", true)]
    [InlineData("40000000000000003b9ac9ff", true)]
    [InlineData("40000000000000003b9aca00", false)] // a whole second of nanoseconds
    [InlineData("4000000000000000ffffffff", false)]
    [InlineData("7fffffffffffffff00000000", true)]
    [InlineData("800000000000000000000000", false)] // reserved
    public void Only_dates_are_unpacked(string packed, bool valid) =>
        Assert.Equal(valid, TaiDate.TryUnpack(Convert.FromHexString(packed), out _));

    [Theory]
    [InlineData("@4000000067000000ABCDEF01", false)] // too many nanoseconds
    [InlineData("@40000000670000000BCDEF01", true)]
    [InlineData("40000000670000000bcdef01", false)]
    [InlineData("@40000000670000000bcdef0", false)]
    [InlineData("@40000000670000000bcdef011", false)]
    [InlineData("@40000000670000000bcdefg1", false)]
    [InlineData("", false)]
    public void Only_dates_are_parsed(string text, bool valid) => Assert.Equal(valid, TaiDate.TryParse(text.ToBytes(), out _));

    [Fact]
    public void Nanoseconds_are_added() => Properties.ForAll(dates, Gen.OneOf(Gen.Choose(0, 5), Gen.Choose(0, int.MaxValue)), (date, nanoseconds) =>
    {
        TaiDate later = date.PlusNanoseconds((uint)nanoseconds);
        Int128 Total(TaiDate moment) => (Int128)moment.Label * (LastNanosecond + 1) + moment.Nanoseconds;
        Assert.Equal(Total(date) + nanoseconds, Total(later));
        Assert.True(later.Nanoseconds <= LastNanosecond);
    });

    [Fact]
    public void Dates_are_ordered_as_their_bytes_are() => Properties.ForAll(dates, dates, (left, right) =>
    {
        byte[] leftBytes = new byte[TaiDate.PackedSize];
        byte[] rightBytes = new byte[TaiDate.PackedSize];
        left.Pack(leftBytes);
        right.Pack(rightBytes);
        int order = leftBytes.AsSpan().SequenceCompareTo(rightBytes);
        Assert.Equal(order < 0, left < right);
        Assert.Equal(order > 0, left > right);
        Assert.Equal(order <= 0, left <= right);
        Assert.Equal(order >= 0, left >= right);
    });

    [Theory]
    [InlineData(0u, 5L, 0u)]
    [InlineData(999u, 5L, 999_000_000u)]
    [InlineData(1000u, 6L, 0u)]
    [InlineData(uint.MaxValue, 4_294_972L, 295_000_000u)]
    public void Milliseconds_are_added(uint milliseconds, long seconds, uint nanoseconds) =>
        Assert.True(TaiDate.OfUnixTime(5, 0).PlusMilliseconds(milliseconds).Equals(TaiDate.OfUnixTime(seconds, nanoseconds)));

    [Fact]
    public void Milliseconds_carry_into_the_seconds() =>
        Assert.True(TaiDate.OfUnixTime(5, LastNanosecond).PlusMilliseconds(1).Equals(TaiDate.OfUnixTime(6, 999_999)));

    [Fact]
    public void Never_is_far_away()
    {
        TaiDate now = TaiDate.OfUnixTime(1_700_000_000, 1);
        Assert.Equal(now.Label + (1UL << 61), now.Never.Label);
        Assert.True(now.Never.IsNever(now));
        Assert.True(now.Never.IsNever(now.PlusMilliseconds(uint.MaxValue)));
        Assert.False(now.PlusMilliseconds(uint.MaxValue).IsNever(now));
    }

    [Fact]
    public void The_clock_is_that_of_the_system()
    {
        long before = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        long now = TaiDate.Now.UnixTime.tv_sec;
        Assert.InRange(now, before, DateTimeOffset.UtcNow.ToUnixTimeSeconds());
    }
}
