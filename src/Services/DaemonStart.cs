using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Services;

/// <summary>
/// Starts a daemon in a fixed order: its title, its signals, and a log that it never waits for; then, when it can serve, it reports that it is ready.
/// </summary>
/// <param name="invocation">What it was started with.</param>
/// <param name="diagnostics">For messages.</param>
internal unsafe ref struct DaemonStart(Invocation invocation, Diagnostics diagnostics)
{
    private readonly Diagnostics diagnostics = diagnostics;

    /// <summary>The descriptor that its signals are read from.</summary>
    internal int Signals { get; private set; }

    /// <summary>Takes the signals, and a log that is never waited for, and names the process after the daemon.</summary>
    /// <param name="signals">The signals that are read. No others are blocked.</param>
    internal Outcome TakeSignals(ReadOnlySpan<int> signals)
    {
        if (invocation.Chained)
            ProcessTitle.Set(invocation.Words.List);
        Errno error = Posix.Signals.HoldBack(libc.SIGPIPE);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to ignore SIGPIPE"u8);
        // A log at its size limit doesn't end the daemon.
        error = Posix.Signals.HoldBack(libc.SIGXFSZ);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to ignore SIGXFSZ"u8);
        Result<int> opened = Posix.Signals.OpenDescriptor(signals);
        if (opened.Failed)
            return diagnostics.Fatal(opened.Error, "unable to trap signals"u8);
        Signals = opened.Value;
        StandardError.NeverWait();
        return Outcome.Exit(ExitCode.Success);
    }

    /// <summary>Reports that clients are served from now on: on a descriptor, which is closed then, and to the service manager.</summary>
    /// <param name="descriptor">The descriptor; -1: none. Standard output stays open.</param>
    /// <param name="verbosity">From 1 on there are warnings.</param>
    internal readonly void BecomeReady(int descriptor, uint verbosity)
    {
        if (descriptor is libc.STDOUT_FILENO or > libc.STDERR_FILENO)
            ListeningSocket.AnnounceReadiness(descriptor, "\n"u8);
        if (descriptor > libc.STDERR_FILENO)
            _ = libc.close(descriptor);
        ServiceManager.Tell(ServiceManager.Ready, verbosity, diagnostics);
    }

    /// <summary>
    /// The same for a daemon that accepts connections: the signals get the number of its standard output, because no connection may ever have a
    /// standard number (specification "conventions", section 8.3).
    /// </summary>
    /// <param name="announces">Whether readiness is reported on standard output.</param>
    /// <param name="verbosity">From 1 on there are warnings.</param>
    internal Outcome BecomeReadyOnOutput(bool announces, uint verbosity)
    {
        BecomeReady(announces ? libc.STDOUT_FILENO : -1, verbosity);
        Result<int> replaced = ListeningSocket.ReplaceStandardOutput(Signals);
        if (replaced.Failed)
            return diagnostics.Fatal(replaced.Error, "unable to trap signals"u8);
        Signals = replaced.Value;
        return Outcome.Exit(ExitCode.Success);
    }
}
