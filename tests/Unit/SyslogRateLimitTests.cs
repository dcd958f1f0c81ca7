using System.Collections.Generic;
using FsCheck;
using FsCheck.Fluent;
using LocalService.Posix;
using LocalService.Syslog;
using Xunit;

namespace LocalService.Tests.Unit;

public sealed class SyslogRateLimitTests
{
    private const uint Limit = 3;
    private const uint Second = 1000;

    private static readonly Gen<(uint Step, uint User)[]> lines = Properties.List(
        Gen.Zip(Gen.Choose(0, 400), Gen.Elements(0u, 1u, uint.MaxValue)).Select(line => ((uint)line.Item1, line.Item2)), 40);

    [Fact]
    public void Each_user_has_its_lines_in_a_second() => Properties.ForAll(
        lines,
        all =>
        {
            var limit = new RateLimit(Limit);
            Moment start = Moment.Now;
            uint now = 0;
            uint end = 0;
            bool hasExcess = false;
            var counts = new Dictionary<uint, uint>();
            foreach ((uint step, uint user) in all)
            {
                now += step;
                // No new second begins until the dropped messages have been reported.
                if (end == 0 || (!hasExcess && now >= end))
                {
                    counts.Clear();
                    end = now + Second;
                }
                uint count = counts.GetValueOrDefault(user);
                counts[user] = count + 1;
                hasExcess |= count >= Limit;
                Assert.Equal(count < Limit, limit.TryCount(start.PlusMilliseconds(now), user));
                Assert.Equal(hasExcess, limit.HasExcess);
                Assert.False(limit.End.IsBefore(start.PlusMilliseconds(end)) || start.PlusMilliseconds(end).IsBefore(limit.End));
            }
        });

    [Fact]
    public void Without_a_limit_there_is_none()
    {
        Assert.False(new RateLimit(0).Exists);
        Assert.True(new RateLimit(1).Exists);
    }
}
