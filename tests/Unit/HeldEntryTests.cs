using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using LocalService.FdHolder;
using LocalService.Posix;
using Xunit;

namespace LocalService.Tests.Unit;

public sealed class HeldEntryTests
{
    private static readonly Gen<byte[]> names =
        Gen.Choose(1, 255).SelectMany(length => Gen.ArrayOf(Gen.Choose(1, 255).Select(value => (byte)value), length));

    [Fact]
    public void Entries_come_back_as_they_were_written() => Properties.ForAll(
        Properties.List(Gen.Zip(names, Gen.Choose(0, int.MaxValue)), 20),
        entries =>
        {
            var data = new List<byte>();
            foreach ((byte[] name, int seconds) in entries)
                data.AddRange(Written(name, TaiDate.OfUnixTime(seconds, (uint)seconds % 1_000_000_000)));
            ReadOnlySpan<byte> rest = data.ToArray();
            foreach ((byte[] name, int seconds) in entries)
            {
                Assert.True(HeldEntry.TryRead(rest, out HeldEntry entry, out rest));
                Assert.Equal(name, entry.Name.ToArray());
                Assert.True(entry.Expiry.Equals(TaiDate.OfUnixTime(seconds, (uint)seconds % 1_000_000_000)));
            }
            Assert.True(rest.IsEmpty);
        }, runs: 300);

    [Fact]
    public void No_part_of_an_entry_is_an_entry()
    {
        byte[] whole = Written("name"u8.ToArray(), TaiDate.OfUnixTime(1, 1));
        for (int length = 0; length < whole.Length; length++)
            Assert.False(HeldEntry.TryRead(whole.AsSpan(0, length), out _, out _));
        Assert.True(HeldEntry.TryRead(whole, out _, out _));
    }

    [Theory]
    [InlineData("\0\0", false)] // empty
    [InlineData("\u0001a\0", true)]
    [InlineData("\u0001ab", false)] // no NUL after it
    [InlineData("\u0002a\0\0", false)] // a NUL in it
    [InlineData("\u0003a\0", false)] // too short
    public void A_name_is_exactly_as_long_as_it_says(string data, bool valid) =>
        Assert.Equal(valid, HeldName.TryRead(data.ToBytes(), out _, out _));

    private static byte[] Written(byte[] name, TaiDate expiry)
    {
        var entry = new HeldEntry(expiry, name);
        byte[] data = new byte[entry.Size];
        entry.Write(data);
        return data;
    }
}
