using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Services;

/// <summary>
/// The loop of every daemon but the super-server: one thread, which waits in one place. A turn is: signals, then deadlines that have passed, then
/// descriptors. The type of the daemon is known at compile time, so that nothing is called indirectly.
/// </summary>
/// <typeparam name="TService">The daemon.</typeparam>
internal static unsafe class ServiceLoop<TService> where TService : struct, IService
{
    // A turn serves this many descriptors at most; the others are served in the next one.
    private const int MostEvents = 64;
    private const uint SignalTag = uint.MaxValue;

    /// <summary>The highest tag that the daemon may use.</summary>
    internal const uint LargestTag = SignalTag - 1;

    /// <summary>Runs the daemon until it ends the loop.</summary>
    /// <param name="service">The daemon.</param>
    /// <param name="loop">What it waits for at first.</param>
    /// <param name="signals">The descriptor that its signals are read from: <see cref="Signals.OpenDescriptor"/>.</param>
    /// <param name="diagnostics">For messages.</param>
    internal static Outcome Run(ref TService service, ref EventLoop loop, int signals, Diagnostics diagnostics)
    {
        var backOff = new BackOff();
        Errno error = loop.Watch(signals, libc.EPOLLIN, SignalTag);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to trap signals"u8);
        libc.epoll_event* events = stackalloc libc.epoll_event[MostEvents];
        while (!loop.IsOver)
        {
            Result<int> ready = loop.Wait(events, MostEvents);
            // Even after a failure, signals are read and deadlines are kept.
            if (ready.Failed)
                RestAfter(ready.Error, "unable to wait for events"u8, ref backOff, diagnostics);
            int count = ready.Failed ? 0 : ready.Value;
            error = TellOfSignals(ref service, ref loop, signals, events, count, ready.Failed);
            if (error.Failed)
                RestAfter(error, "unable to read signals"u8, ref backOff, diagnostics);
            for (Moment now = Moment.Now; !loop.IsOver && loop.TryTakeOverdue(now, out uint overdue);)
                service.Deadline(ref loop, overdue);
            for (int i = 0; i < count && !loop.IsOver; i++)
            {
                if (events[i].data != SignalTag)
                    service.Ready(ref loop, (uint)events[i].data, events[i].events);
            }
            service.EndTurn(ref loop);
        }
        return Outcome.Exit(loop.ExitCode);
    }

    private static void RestAfter(Errno error, ReadOnlySpan<byte> unable, ref BackOff backOff, Diagnostics diagnostics)
    {
        if (backOff.MayWarn())
            diagnostics.Warning(error, unable);
        BackOff.Rest();
    }

    private static Errno TellOfSignals(
        ref TService service, ref EventLoop loop, int signals, libc.epoll_event* events, int count, bool any)
    {
        for (int i = 0; i < count; i++)
            any |= events[i].data == SignalTag;
        while (any)
        {
            Result<int> signal = Signals.Next(signals, out _);
            if (signal.Failed || signal.Value == 0)
                return signal.Error;
            service.Signal(ref loop, signal.Value);
        }
        return default;
    }
}
