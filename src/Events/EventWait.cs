using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Events;

/// <summary>
/// A program's wait for events, in the program itself. However the program ends, its FIFOs are removed, unless it is killed; then the next notifier
/// removes them. Specification "ftrig", section 3.
/// </summary>
/// <param name="capacity">How many subscriptions there will be.</param>
/// <param name="milliseconds">How long the whole wait may take from now on; 0: no limit.</param>
internal unsafe ref struct EventWait(int capacity, uint milliseconds)
{
    private const int Signal = 0;
    private const int FirstSubscription = 1;

    // poll(2) takes them in this order.
    private readonly Subscription* subscriptions = (Subscription*)Arena.Allocate((nuint)capacity * (nuint)sizeof(Subscription));
    private readonly pollfd* watched = (pollfd*)Arena.Allocate((nuint)(capacity + FirstSubscription) * (nuint)sizeof(pollfd));
    private readonly TimeLimit limit = new(milliseconds);
    private int count;

    /// <summary>Takes the signals that end the program. It has to come before the first subscription.</summary>
    internal readonly Errno TakeSignals()
    {
        Result<int> signals = EndingSignals.OpenDescriptor();
        if (!signals.Failed)
            watched[Signal] = new pollfd { fd = signals.Value, events = LibC.POLLIN };
        return signals.Error;
    }

    /// <summary>Subscribes. When that fails everything is removed.</summary>
    internal Errno Add(ReadOnlySpan<byte> directory, ReadOnlySpan<byte> expression, Dialect dialect)
    {
        Errno error = Subscription.Open(directory, expression, dialect, out subscriptions[count]);
        if (error.Failed)
        {
            Close();
            return error;
        }
        watched[FirstSubscription + count] = new pollfd { fd = subscriptions[count].Number, events = LibC.POLLIN };
        count++;
        return default;
    }

    /// <summary>Waits for a match, then removes everything.</summary>
    /// <param name="all">Whether all subscriptions have to match, or one.</param>
    /// <param name="text">The events of the match that came last.</param>
    /// <returns>ETIMEDOUT, or why events can't be read.</returns>
    internal Errno ForMatch(bool all, out ReadOnlySpan<byte> text)
    {
        text = default;
        Errno error = default;
        for (int missing = all ? count : 1; missing > 0 && !error.Failed;)
        {
            int ready = LibC.poll(watched, (uint)(FirstSubscription + count), limit.Left);
            Errno wait = Errno.Of(ready);
            if (wait.Failed && !BackOff.MayWaitAgain(wait))
                error = wait;
            else if (ready <= 0 && limit.IsOver)
                error = new Errno(libc.ETIMEDOUT);
            if (ready <= 0)
                continue;
            ActOnSignals();
            for (int i = 0; i < count && missing > 0 && !error.Failed; i++)
                error = Receive(i, ref missing, ref text);
        }
        Close();
        return error;
    }

    /// <summary>Removes everything.</summary>
    internal readonly void Close()
    {
        for (int i = 0; i < count; i++)
            subscriptions[i].Close();
    }

    /// <summary>Reads what has come for a subscription; one that has matched is over.</summary>
    private readonly Errno Receive(int index, ref int missing, ref ReadOnlySpan<byte> text)
    {
        pollfd* subscription = &watched[FirstSubscription + index];
        if (subscription->fd < 0 || subscription->revents == 0)
            return default;
        Errno error = subscriptions[index].Receive();
        if (error.Failed)
            return error.Is(libc.EAGAIN) ? default : error;
        if (!subscriptions[index].TryTake(out ReadOnlySpan<byte> match))
            return default;
        // The text outlives the subscription, and may hold NULs.
        byte* copy = Arena.Allocate((nuint)match.Length);
        match.CopyTo(new Span<byte>(copy, match.Length));
        text = new ReadOnlySpan<byte>(copy, match.Length);
        // poll(2) skips negative descriptors.
        subscription->fd = -1;
        missing--;
        return default;
    }

    private readonly void ActOnSignals()
    {
        if (watched[Signal].revents == 0)
            return;
        Result<int> signal = Signals.Next(watched[Signal].fd, out _);
        if (signal.Failed || signal.Value == 0)
            return;
        Close();
        EndingSignals.Act(signal.Value);
    }
}
