using System;
using System.Diagnostics;
using System.Threading;
using Xunit;

namespace LocalService.Tests;

/// <summary>Waits for another process to do something. The limit is generous: only a failing test takes that long.</summary>
public static class Eventually
{
    /// <summary>How long anything may take before it counts as not happening.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan interval = TimeSpan.FromMilliseconds(5);

    /// <summary>Waits until a condition holds, and fails the test with the description when it doesn't.</summary>
    /// <param name="condition">The condition, which is checked every few milliseconds.</param>
    /// <param name="description">Says what went wrong.</param>
    public static void True(Func<bool> condition, Func<string> description)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            if (clock.Elapsed > Limit)
                Assert.Fail(description());
            Thread.Sleep(interval);
        }
    }

    /// <summary>Waits until a value is as expected, and fails the test with both values when it doesn't change to that.</summary>
    public static void Equal<T>(T expected, Func<T> actual)
    {
        var clock = Stopwatch.StartNew();
        T last = actual();
        while (!Equals(expected, last) && clock.Elapsed < Limit)
        {
            Thread.Sleep(interval);
            last = actual();
        }
        Assert.Equal(expected, last);
    }
}
