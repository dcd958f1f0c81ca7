using System.Collections.Generic;
using System.Linq;
using System.Threading;
using LocalService.Libc;
using LocalService.Server;
using Xunit;

namespace LocalService.Tests.Unit;

/// <summary>The time limit of each child's connection, for any number of children.</summary>
public sealed class LifetimesTests
{
    [Fact]
    public void Each_of_many_is_warned_once_and_then_killed()
    {
        const int Children = 1000;
        Lifetimes lifetimes = default;
        lifetimes.Limit(1, 1);
        for (int pid = 1; pid <= Children; pid++)
        {
            // One place at a time, as a server reserves them.
            Assert.False(lifetimes.Reserve(1).Failed);
            lifetimes.Begin(pid);
        }
        Assert.Equal(Enumerable.Repeat(libc.SIGTERM, Children), SignalsOfAll(ref lifetimes));
        Assert.Equal(Enumerable.Repeat(libc.SIGKILL, Children), SignalsOfAll(ref lifetimes));
        for (int pid = 1; pid <= Children; pid++)
            lifetimes.End(pid);
        Assert.Equal(-1, lifetimes.MillisecondsLeft(othersBegin: false));
    }

    [Fact]
    public void Without_grace_nobody_is_killed()
    {
        Lifetimes lifetimes = default;
        lifetimes.Limit(1, 0);
        Assert.False(lifetimes.Reserve(1).Failed);
        lifetimes.Begin(1);
        Assert.Equal([libc.SIGTERM], SignalsOfAll(ref lifetimes));
        Assert.Equal(-1, lifetimes.MillisecondsLeft(othersBegin: false));
    }

    /// <summary>Waits until the next search is due, and makes it.</summary>
    private static List<int> SignalsOfAll(ref Lifetimes lifetimes)
    {
        var signals = new Dictionary<int, int>();
        uint now;
        while (!lifetimes.BeginSearch(out now))
            Thread.Sleep(1);
        // The search includes signals that are due within this millisecond.
        for (int place = 0; place < lifetimes.Places; place++)
        {
            if (lifetimes.TryTakeDue(place, now + 1000, out int pid, out int signal))
                signals.Add(pid, signal);
        }
        lifetimes.EndSearch(now);
        return [.. signals.Values];
    }
}
