using LocalService.Server;
using Xunit;

namespace LocalService.Tests.Unit;

/// <summary>When searches are made.</summary>
public sealed class SearchPaceTests
{
    private const long Begin = 1_000_000;

    [Fact]
    public void Nothing_is_searched_for_unless_demanded()
    {
        SearchPace pace = new(2_000, 30);
        Assert.False(pace.IsTime(long.MaxValue));
        Assert.Equal(-1, pace.MillisecondsLeft(Begin));
    }

    [Fact]
    public void A_demand_waits_for_more()
    {
        SearchPace pace = new(2_000, 30);
        pace.Demand(Begin);
        Assert.False(pace.IsTime(Begin + 1_999));
        Assert.True(pace.IsTime(Begin + 2_000));
    }

    [Fact]
    public void Further_demands_do_not_put_it_off()
    {
        SearchPace pace = new(2_000, 30);
        pace.Demand(Begin);
        pace.Demand(Begin + 1_500);
        Assert.True(pace.IsTime(Begin + 2_000));
    }

    [Fact]
    public void A_long_search_is_followed_by_a_rest_in_proportion()
    {
        SearchPace pace = new(2_000, 30);
        pace.Demand(Begin);
        pace.Finish(Begin + 2_000, Begin + 3_000, again: false);
        Assert.False(pace.IsDemanded);
        pace.Demand(Begin + 3_000);
        Assert.False(pace.IsTime(Begin + 32_999));
        Assert.True(pace.IsTime(Begin + 33_000));
    }

    [Fact]
    public void A_search_may_want_another_one()
    {
        SearchPace pace = new(2_000, 30);
        pace.Demand(Begin);
        pace.Finish(Begin + 2_000, Begin + 2_100, again: true);
        Assert.False(pace.IsTime(Begin + 5_099));
        Assert.True(pace.IsTime(Begin + 5_100));
    }

    [Theory]
    [InlineData(0, 2), InlineData(999, 2), InlineData(1_001, 1), InlineData(2_000, 0), InlineData(9_000, 0)]
    public void The_time_left_is_rounded_up(long passed, int milliseconds)
    {
        SearchPace pace = new(2_000, 30);
        pace.Demand(Begin);
        Assert.Equal(milliseconds, pace.MillisecondsLeft(Begin + passed));
    }
}
