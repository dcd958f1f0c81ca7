using System;
using LocalService.Syslog;
using Xunit;

namespace LocalService.Tests.Unit;

public sealed class SyslogPriorityTests
{
    [Theory]
    [InlineData("<13>hello", "user.notice: hello")]
    [InlineData("<30>e", "daemon.info: e")]
    [InlineData("<135>x", "local0.debug: x")]
    [InlineData("<191>x", "local7.debug: x")]
    [InlineData("<4>c", "kern.warn: c")]
    [InlineData("<80>x", "authpriv.emerg: x")]
    [InlineData("<96>x", "unknown.emerg: x")]
    [InlineData("<192>x", "mark.emerg: x")]
    [InlineData("<999>x", "unknown.debug: x")]
    [InlineData("<1024>x", "kern.emerg: x")]
    [InlineData("<4294967295>x", "unknown.debug: x")]
    [InlineData("<013>x", "user.notice: x")]
    [InlineData("<13><14>dbl", "user.notice: <14>dbl")]
    [InlineData("<13>", "user.notice: ")]
    public void A_priority_has_names(string message, string expected)
    {
        ReadOnlySpan<byte> text = message.ToBytes();
        Assert.True(Priority.TryTake(ref text, out Priority priority));
        Assert.Equal(expected, $"{priority.Facility.ToText()}.{priority.Severity.ToText()}: {text.ToText()}");
    }

    [Theory]
    [InlineData("<4294967296>x")]
    [InlineData("<999999999999>x")]
    [InlineData("<>x")]
    [InlineData("<a>x")]
    [InlineData("<-1>x")]
    [InlineData("< 1>x")]
    [InlineData("<0x1>x")]
    [InlineData("<13 >x")]
    [InlineData(" <13>x")]
    [InlineData("<1")]
    [InlineData("<")]
    [InlineData("")]
    public void What_is_no_priority_stays(string message)
    {
        ReadOnlySpan<byte> text = message.ToBytes();
        Assert.False(Priority.TryTake(ref text, out _));
        Assert.Equal(message, text.ToText());
    }

    [Fact]
    public void No_names_are_longer_than_the_room_for_them()
    {
        for (uint value = 0; value < 1024; value++)
        {
            var priority = new Priority(value);
            Assert.InRange(priority.Facility.Length + 1 + priority.Severity.Length, 1, Priority.LongestText);
        }
    }
}
