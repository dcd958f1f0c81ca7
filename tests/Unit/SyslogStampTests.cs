using System;
using System.Globalization;
using FsCheck.Fluent;
using LocalService.Libc;
using LocalService.Syslog;
using Xunit;

namespace LocalService.Tests.Unit;

public sealed class SyslogStampTests
{
    private static readonly long lastDay = new DateTimeOffset(9999, 12, 31, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds() / 86400;

    [Fact]
    public void A_date_is_that_of_the_calendar() => Properties.ForAll(
        Gen.Choose(0, (int)lastDay),
        Gen.Choose(0, 86399),
        (day, second) =>
        {
            long moment = day * 86400L + second;
            string expected = DateTimeOffset.FromUnixTimeSeconds(moment).ToString("yyyy-MM-ddTHH:mm:ss.000123Z ", CultureInfo.InvariantCulture);
            Assert.Equal(expected, Write(StampFormat.Rfc3339, moment, 123_999));
        },
        runs: 20_000);

    [Theory]
    [InlineData(0, "1970-01-01T00:00:00.000000Z ")]
    [InlineData(951_782_400, "2000-02-29T00:00:00.000000Z ")]
    [InlineData(1_709_251_199, "2024-02-29T23:59:59.000000Z ")]
    [InlineData(1_709_251_200, "2024-03-01T00:00:00.000000Z ")]
    [InlineData(4_107_542_400, "2100-03-01T00:00:00.000000Z ")]
    public void Leap_days_are_where_they_belong(long moment, string expected) => Assert.Equal(expected, Write(StampFormat.Rfc3339, moment, 0));

    [Fact]
    public void A_label_is_that_of_the_other_loggers() =>
        Assert.Equal("@400000000000002500000005 ", Write(StampFormat.Tai64n, 0, 5));

    private static unsafe string Write(StampFormat format, long second, long nanosecond)
    {
        var stamp = new Stamp();
        stamp.Set(format, new libc.timespec { tv_sec = second, tv_nsec = nanosecond });
        return Stamp.TextOf(&stamp).ToText();
    }
}
