using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using LocalService.Memory;
using Xunit;

namespace LocalService.Tests.Unit;

public sealed class NumberTableTests
{
    // Keys from small and large ranges, extreme values included.
    private static readonly Gen<uint> keys = Gen.OneOf(
        Gen.Choose(0, 20).Select(key => (uint)key),
        Gen.Choose(0, 2000).Select(key => (uint)key),
        Gen.Choose(0, 500).Select(key => uint.MaxValue - 1 - (uint)key));

    [Fact]
    public void Agrees_with_a_dictionary() => Properties.ForAll(
        Properties.List(Gen.Zip(keys, Gen.Choose(0, 3)), 3000),
        steps =>
        {
            var model = new Dictionary<uint, uint>();
            NumberTable table = default;
            foreach ((uint key, int action) in steps)
            {
                if (action == 0)
                {
                    bool known = model.Remove(key, out uint expected);
                    Assert.Equal(known, table.Remove(key, out uint value));
                    Assert.Equal(expected, value);
                }
                else
                {
                    Assert.False(table.Reserve(1).Failed);
                    table.Set(key, key * 3 + (uint)action);
                    model[key] = key * 3 + (uint)action;
                }
                Assert.Equal(model.Count, table.Count);
                Assert.Equal(model.GetValueOrDefault(key), table.Get(key));
            }
            Assert.Equal(model.Keys.Order(), Keys(table).Order());
            Assert.All(model, entry => Assert.Equal(entry.Value, table.Get(entry.Key)));
        },
        runs: 200);

    [Theory]
    [InlineData(1)]
    [InlineData(384)]
    [InlineData(385)]
    [InlineData(5000)]
    public void What_is_reserved_fits(uint additions)
    {
        NumberTable table = default;
        Assert.False(table.Reserve(additions).Failed);
        int capacity = table.Capacity;
        for (uint key = 0; key < additions; key++)
            table.Set(key, 1);
        Assert.Equal((additions, capacity), ((uint)table.Count, table.Capacity));
        table.Clear();
        Assert.Empty(Keys(table));
        Assert.Equal((0, capacity), (table.Count, table.Capacity));
    }

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
