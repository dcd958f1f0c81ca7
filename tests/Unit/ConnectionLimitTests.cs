using LocalService.Access;
using Xunit;

namespace LocalService.Tests.Unit;

public sealed class ConnectionLimitTests
{
    [Theory]
    [InlineData("1", "1", ConnLimitVerdict.Allow)]
    [InlineData("2", "1", ConnLimitVerdict.Refuse)]
    [InlineData("1", "0", ConnLimitVerdict.Refuse)]
    [InlineData("4294967295", "4294967295", ConnLimitVerdict.Allow)]
    [InlineData("", "1", ConnLimitVerdict.InvalidNumber)]
    [InlineData("x", "x", ConnLimitVerdict.InvalidNumber)]
    [InlineData("1", "4294967296", ConnLimitVerdict.InvalidMaximum)]
    public void The_limit_is_allowed(string number, string maximum, object expected) =>
        Assert.Equal(expected, ConnectionLimit.Decide(number.ToBytes(), maximum.ToBytes()));

    [Fact]
    public void Without_a_limit_the_number_must_still_be_one()
    {
        Assert.Equal(ConnLimitVerdict.Allow, ConnectionLimit.Decide("7"u8));
        Assert.Equal(ConnLimitVerdict.InvalidNumber, ConnectionLimit.Decide("-7"u8));
    }
}
