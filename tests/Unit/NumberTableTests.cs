using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using LocalService.Posix;
using LocalService.Server;
using Xunit;

namespace LocalService.Tests.Unit;

public sealed class NumberTableTests
{
    // Few keys and many, the extreme ones too.
    private static readonly Gen<uint> keys = Gen.OneOf(
        Gen.Choose(0, 20).Select(key => (uint)key),
        Gen.Choose(0, 2000).Select(key => (uint)key),
        Gen.Choose(0, 500).Select(key => uint.MaxValue - (uint)key));

    [Fact]
    public void AgreesWithADictionary() => Properties.ForAll(
        Properties.List(Gen.Zip(keys, Gen.Choose(0, 3)), 3000),
        steps =>
        {
            var model = new Dictionary<uint, ulong>();
            NumberTable table = default;
            foreach ((uint key, int action) in steps)
            {
                if (action == 0)
                {
                    bool known = model.Remove(key, out ulong expected);
                    Assert.Equal(known, table.Remove(key, out ulong value));
                    Assert.Equal(expected, value);
                }
                else
                {
                    Assert.False(table.Reserve().Failed);
                    table.Set(key, key * 3UL + (ulong)action);
                    model[key] = key * 3UL + (ulong)action;
                }
                Assert.Equal(model.Count, table.Count);
                Assert.Equal(model.GetValueOrDefault(key), table.Get(key));
            }
            Assert.Equal(model.Keys.Order(), Keys(table).Order());
            Assert.All(model, entry => Assert.Equal(entry.Value, table.Get(entry.Key)));
        },
        runs: 200);

    [Fact]
    public void ConnectionsAreCountedByUser() => Properties.ForAll(Properties.List(Gen.Zip(Gen.Choose(1, 60), Gen.Choose(0, 4)), 500), steps =>
    {
        var userOfChild = new Dictionary<int, uint>();
        ConnectionTable table = default;
        foreach ((int child, int user) in steps)
        {
            if (userOfChild.Remove(child, out uint expected))
            {
                Assert.True(table.Remove(child, out uint actual));
                Assert.Equal(expected, actual);
            }
            else
            {
                Assert.False(table.Remove(child, out _));
                Assert.False(table.Reserve().Failed);
                table.Add(child, (uint)user);
                userOfChild.Add(child, (uint)user);
            }
            Assert.Equal((uint)userOfChild.Count, table.Count);
            Assert.Equal((uint)userOfChild.Values.Count(value => value == user), table.CountOf((uint)user));
        }
    }, runs: 300);

    private static List<uint> Keys(NumberTable table)
    {
        var keys = new List<uint>();
        for (int place = 0; place < table.Capacity; place++)
        {
            if (table.TryAt(place, out uint key))
                keys.Add(key);
        }
        return keys;
    }
}
