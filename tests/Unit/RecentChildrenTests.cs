using System.Collections.Generic;
using System.Linq;
using LocalService.Server;
using Xunit;

namespace LocalService.Tests.Unit;

/// <summary>The list of the children that were started last.</summary>
public sealed class RecentChildrenTests
{
    [Fact]
    public void Is_empty_at_first() => Assert.Empty(Listed(default));

    [Theory]
    [InlineData(1), InlineData(RecentChildren.Capacity - 1), InlineData(RecentChildren.Capacity), InlineData(RecentChildren.Capacity + 1), InlineData(1000)]
    public void Keeps_those_that_were_added_last(int count)
    {
        RecentChildren recent = default;
        for (int pid = 1; pid <= count; pid++)
            recent.Add(pid);
        Assert.Equal(Enumerable.Range(1, count).TakeLast(RecentChildren.Capacity), Listed(recent).Order());
    }

    [Fact]
    public void Forgets_one_and_keeps_the_others()
    {
        RecentChildren recent = default;
        for (int pid = 1; pid <= 5; pid++)
            recent.Add(pid);
        for (int place = 0; place < RecentChildren.Capacity; place++)
        {
            if (recent.At(place) == 3)
                recent.Forget(place);
        }
        Assert.Equal([1, 2, 4, 5], Listed(recent).Order());
    }

    private static List<int> Listed(RecentChildren recent) =>
        [.. Enumerable.Range(0, RecentChildren.Capacity).Select(place => recent.At(place)).Where(pid => pid != 0)];
}
