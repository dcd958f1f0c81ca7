using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using LocalService.FdHolder;
using LocalService.Memory;
using LocalService.Posix;
using Xunit;

namespace LocalService.Tests.Unit;

public sealed class HeldTableTests
{
    private static readonly TaiDate start = TaiDate.OfUnixTime(1_700_000_000, 999_999_990);

    private enum Step
    {
        Add,
        Remove,
        Refer,
        Release,
        Restore,
        RemoveFirst,
    }

    /// <summary>The expected state of an entry.</summary>
    private sealed record Known(string Name, int Descriptor)
    {
        internal int Number { get; set; }

        internal bool IsHeld { get; set; }

        internal int References { get; set; }
    }

    // Few names, so that they collide, and few dates, so that runs of equal dates do too.
    private static Gen<(Step, int, int)> Steps =>
        Gen.Elements(Step.Add, Step.Add, Step.Add, Step.Remove, Step.Refer, Step.Release, Step.Restore, Step.RemoveFirst)
            .SelectMany(step => Gen.Zip(Gen.Choose(0, 120), Gen.Choose(0, 12)).Select(pair => (step, pair.Item1, pair.Item2)));

    [Fact]
    public void Agrees_with_a_model() => Properties.ForAll(Properties.List(Steps, 1500), steps =>
    {
        const int Maximum = 100;
        var table = new HeldTable(Maximum, new KeyedHash(1, 2));
        var model = new List<Known>();
        int nextDescriptor = 3;
        void Forget(Known entry, int closed)
        {
            bool gone = !entry.IsHeld && entry.References == 0;
            Assert.Equal(gone ? entry.Descriptor : HeldTable.None, closed);
            if (gone)
                Assert.True(model.Remove(entry));
        }

        foreach ((Step step, int which, int nanoseconds) in steps)
        {
            string name = "name" + new string('x', which) + which;
            Known? held = model.SingleOrDefault(entry => entry.IsHeld && entry.Name == name);
            Known? any = model.Count == 0 ? null : model[which % model.Count];
            Assert.Equal(held?.Number ?? HeldTable.None, table.Find(name.ToBytes()));
            switch (step)
            {
                case Step.Add when held == null && table.Count < Maximum:
                    Assert.False(table.Reserve(1, name.Length).Failed);
                    table.Add(new HeldEntry(start.PlusNanoseconds((uint)nanoseconds), name.ToBytes()), nextDescriptor);
                    model.Add(new Known(name, nextDescriptor++) { Number = table.Find(name.ToBytes()), IsHeld = true });
                    break;
                case Step.Remove when held != null:
                    held.IsHeld = false;
                    Forget(held, table.Remove(held.Number));
                    break;
                case Step.RemoveFirst when table.Count > 0:
                    Known first = model.Single(entry => entry.IsHeld && entry.Number == table.EntryAt(0));
                    first.IsHeld = false;
                    Forget(first, table.Remove(first.Number));
                    break;
                case Step.Refer when any != null:
                    table.Refer(any.Number);
                    any.References++;
                    break;
                case Step.Release when any is { References: > 0 }:
                    any.References--;
                    Forget(any, table.Release(any.Number));
                    break;
                case Step.Restore when any is { IsHeld: false }:
                    bool possible = table.Count < Maximum && !model.Any(entry => entry.IsHeld && entry.Name == any.Name);
                    Assert.Equal(possible, table.TryRestore(any.Number));
                    any.IsHeld = possible;
                    break;
            }
            Assert.Equal(model.Count(entry => entry.IsHeld), table.Count);
        }
        Assert.All(model, entry => Assert.Equal((entry.Name, entry.Descriptor), (table[entry.Number].Name.ToText(), table.DescriptorOf(entry.Number))));
        Assert.Equal(model.Where(entry => entry.IsHeld).Select(entry => entry.Number).Order(), Numbers(table).Order());
        AssertOrdered(table);
    }, runs: 150);

    [Fact]
    public void Ten_thousand_equal_dates_follow_each_other()
    {
        const int Entries = 10_000;
        var table = new HeldTable(Entries, new KeyedHash(3, 4));
        for (int i = 0; i < Entries; i++)
            Add(ref table, $"{i}", start, i);
        for (int i = 0; i < Entries; i++)
        {
            int number = table.EntryAt(i);
            Assert.Equal($"{i}", table[number].Name.ToText());
            Assert.True(start.PlusNanoseconds((uint)i).Equals(table[number].Expiry));
            Assert.Equal(i + 1, table.PositionBehind(table[number].Expiry));
        }
    }

    [Fact]
    public void A_gap_in_a_run_of_dates_is_filled_first()
    {
        var table = new HeldTable(10, default);
        foreach (uint nanosecond in (uint[])[0, 1, 2, 4, 5])
            Add(ref table, $"at {nanosecond}", start.PlusNanoseconds(nanosecond), 3);
        Add(ref table, "gap", start, 3);
        Add(ref table, "end", start, 3);
        Assert.True(table[table.Find("gap"u8)].Expiry.Equals(start.PlusNanoseconds(3)));
        Assert.True(table[table.Find("end"u8)].Expiry.Equals(start.PlusNanoseconds(6)));
    }

    [Fact]
    public void The_next_expiry_is_the_earliest_date()
    {
        var table = new HeldTable(10, default);
        Assert.False(table.TryGetNextExpiry(out _));
        Add(ref table, "late", start.PlusMilliseconds(5), 3);
        Add(ref table, "early", start, 4);
        Assert.True(table.TryGetNextExpiry(out TaiDate expiry));
        Assert.True(expiry.Equals(start));
        Assert.Equal(4, table.Remove(table.EntryAt(0)));
        Assert.True(table.TryGetNextExpiry(out expiry));
        Assert.True(expiry.Equals(start.PlusMilliseconds(5)));
    }

    [Fact]
    public void Expiry_follows_a_clock_that_jumps()
    {
        var table = new HeldTable(10, default);
        Add(ref table, "second", start.PlusMilliseconds(2000), 4);
        Add(ref table, "first", start.PlusMilliseconds(1000), 3);
        Add(ref table, "never", start.Never, 5);
        Assert.False(table.TryExpire(start, out _));
        // Time goes forward to exactly the first date, then back, which restores nothing, then far forward.
        Assert.True(table.TryExpire(start.PlusMilliseconds(1000), out int descriptor));
        Assert.Equal(3, descriptor);
        Assert.False(table.TryExpire(TaiDate.OfUnixTime(0, 0), out _));
        Assert.Equal(2, table.Count);
        Assert.True(table.TryExpire(start.PlusMilliseconds(uint.MaxValue), out descriptor));
        Assert.Equal(4, descriptor);
        Assert.False(table.TryExpire(start.PlusMilliseconds(uint.MaxValue), out _));
        // An entry that is stored with a past date expires at once.
        Add(ref table, "past", TaiDate.OfUnixTime(1, 0), 6);
        Assert.True(table.TryExpire(start, out descriptor));
        Assert.Equal(6, descriptor);
    }

    [Fact]
    public void What_expires_while_an_answer_refers_to_it_is_closed_afterwards()
    {
        var table = new HeldTable(10, default);
        Add(ref table, "a", start, 3);
        int number = table.Find("a"u8);
        table.Refer(number);
        Assert.True(table.TryExpire(start, out int descriptor));
        Assert.Equal(HeldTable.None, descriptor);
        Assert.Equal("a", table[number].Name.ToText());
        Assert.Equal(3, table.Release(number));
    }

    [Fact]
    public void Long_names_that_come_and_go_take_no_more_memory()
    {
        const int Rounds = 2000;
        const int Names = 20;
        var table = new HeldTable(Names, default);
        for (int round = 0; round < Rounds; round++)
        {
            string name = $"{round}".PadLeft(HeldName.Longest, 'n');
            if (round >= Names)
                Assert.Equal(round - Names, table.Remove(table.Find($"{round - Names}".PadLeft(HeldName.Longest, 'n').ToBytes())));
            Add(ref table, name, start, round);
        }
        Assert.InRange(table.NameMemory, 0, Names * HeldName.Longest * 4);
        Assert.Equal(Names, table.Count);
    }

    // The results of another implementation of the same function (CPython's, without a seed).
    [Theory]
    [InlineData("a", 0x407448d2b89b1813)]
    [InlineData("abcdefg", 0x6db12aae9070f506)]
    [InlineData("abcdefgh", 0x3f7b849c0b8e35ea)]
    [InlineData("abcdefghi", 0xf89b34a3d11eb6e5)]
    public void The_hash_is_SipHash(string name, ulong expected) => Assert.Equal(expected, new KeyedHash(0, 0).Of(name.ToBytes()));

    private static void Add(ref HeldTable table, string name, TaiDate expiry, int descriptor)
    {
        Assert.False(table.Reserve(1, name.Length).Failed);
        table.Add(new HeldEntry(expiry, name.ToBytes()), descriptor);
    }

    private static List<int> Numbers(HeldTable table) => [.. Enumerable.Range(0, table.Count).Select(position => table.EntryAt(position))];

    private static void AssertOrdered(HeldTable table)
    {
        for (int i = 1; i < table.Count; i++)
            Assert.True(table[table.EntryAt(i - 1)].Expiry < table[table.EntryAt(i)].Expiry);
    }
}
