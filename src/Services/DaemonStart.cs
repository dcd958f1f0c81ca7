using System;
using LocalService.CommandLine;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Services;

/// <summary>
/// How a daemon begins, in one order: it checks its standard input, takes its title, its signals and its log, prepares what it needs, says that
/// it is ready, and gives up its standard output.
/// </summary>
/// <param name="invocation">What it was started with.</param>
/// <param name="diagnostics">For messages.</param>
internal unsafe ref struct DaemonStart(Invocation invocation, Diagnostics diagnostics)
{
    private readonly Diagnostics diagnostics = diagnostics;

    /// <summary>Where its signals are read.</summary>
    internal int Signals { get; private set; }

    /// <summary>Takes the signals, and a log that is never waited for; the process goes by the name of the daemon.</summary>
    /// <param name="signals">Those that are read. Nothing else is blocked.</param>
    internal Outcome TakeSignals(ReadOnlySpan<int> signals)
    {
        if (invocation.Chained)
            ProcessTitle.Set(invocation.Words.List);
        Errno error = Posix.Signals.CatchAndForget(libc.SIGPIPE);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to ignore SIGPIPE"u8);
        Result<int> opened = Posix.Signals.OpenDescriptor(signals);
        if (opened.Failed)
            return diagnostics.Fatal(opened.Error, "unable to trap signals"u8);
        Signals = opened.Value;
        StandardError.NeverWait();
        return Outcome.Exit(ExitCode.Success);
    }

    /// <summary>Says on descriptor 1 that the daemon is ready, and gives the number to where its signals are read.</summary>
    /// <param name="announces">Whether somebody wants to know.</param>
    internal Outcome BecomeReady(bool announces)
    {
        if (announces)
            ListeningSocket.AnnounceReadiness();
        Result<int> moved = ListeningSocket.ReplaceStandardOutput(Signals);
        if (moved.Failed)
            return diagnostics.Fatal(moved.Error, "unable to trap signals"u8);
        Signals = moved.Value;
        return Outcome.Exit(ExitCode.Success);
    }
}
