using System;
using LocalService.Libc;
using LocalService.Posix;
using Xunit;

namespace LocalService.Tests.Unit;

public sealed class EnvironmentFormatTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("\n", "")]
    [InlineData(" a \t\r\nsecond", " a")]
    [InlineData("a\0b\0\n", "a\nb\n")]
    [InlineData("no newline  ", "no newline")]
    public void The_standard_value_is_the_first_line(string content, string expected) =>
        Assert.Equal(expected, ValueOf(content, EnvironmentFormat.Standard));

    [Theory]
    [InlineData(true, false, " a \nb\n\n", " a \nb\n")]
    [InlineData(true, true, " a \nb\n\n", " a \nb\n\n")]
    [InlineData(false, true, " a \t\nb\n", " a \t")]
    [InlineData(true, false, "\n", "")]
    [InlineData(true, false, "", "")]
    [InlineData(true, true, "a\0", "ax")]
    public void Options_change_what_the_value_is(bool wholeFile, bool keepsEnd, string content, string expected) =>
        Assert.Equal(expected, ValueOf(content, new EnvironmentFormat { TakesWholeFile = wholeFile, KeepsEnd = keepsEnd, Replacement = (byte)'x' }));

    [Fact]
    public void A_value_that_did_not_end_is_no_value()
    {
        var format = new EnvironmentFormat { HasNoLimit = true };
        string longest = new('v', format.LargestFile);
        Assert.Equal(libc.E2BIG, format.MakeValue(longest.ToBytes()).Error.Number);
        Assert.Equal(longest[1..], ValueOf(longest[1..], format));
        Assert.Equal(longest[1..], ValueOf(longest[1..] + "\n", format));
        format.TakesWholeFile = true;
        Assert.Equal(libc.E2BIG, format.MakeValue((longest[1..] + "\n").ToBytes()).Error.Number);
    }

    private static string ValueOf(string content, EnvironmentFormat format)
    {
        byte[] bytes = content.ToBytes();
        int length = format.MakeValue(bytes).Value;
        return ((ReadOnlySpan<byte>)bytes.AsSpan(0, length)).ToText();
    }
}
