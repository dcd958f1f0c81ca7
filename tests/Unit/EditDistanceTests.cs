using System;
using System.Linq;
using System.Text;
using FsCheck.Fluent;
using LocalService.CommandLine;
using Xunit;

namespace LocalService.Tests.Unit;

public sealed class EditDistanceTests
{
    [Fact]
    public void Is_that_of_the_definition() => Properties.ForAll(Properties.Bytes(7), Properties.Bytes(7), (from, to) =>
        Assert.Equal(Definition(from, to), EditDistance.Between(from, to)));

    [Fact]
    public void Of_a_word_that_is_too_long_is_greater_than_any() =>
        Assert.Equal(int.MaxValue, EditDistance.Between(new byte[EditDistance.LongestWord + 1], "x"u8));

    [Theory]
    [InlineData("ipcserve", "ipcserver"), InlineData("s6-ipcclinet", "s6-ipcclient"), InlineData("connlimits", "connlimit")]
    [InlineData("ls", ""), InlineData("", ""), InlineData("systemd-socket-activate", "")]
    public void A_near_role_is_suggested_and_a_far_one_is_not(string wrong, string suggestion) =>
        Assert.Equal(suggestion, Encoding.ASCII.GetString(RoleSuggestion.For(Encoding.ASCII.GetBytes(wrong))));

    private static int Definition(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        if (from.IsEmpty || to.IsEmpty)
            return from.Length + to.Length;
        int replaced = Definition(from[1..], to[1..]) + (from[0] == to[0] ? 0 : 1);
        return new[] { replaced, Definition(from[1..], to) + 1, Definition(from, to[1..]) + 1 }.Min();
    }
}
