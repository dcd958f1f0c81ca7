using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Services;

/// <summary>
/// How a daemon begins, in one order: it takes its title, its signals, and a log that it never waits for.
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
        Errno error = Posix.Signals.HoldBack(libc.SIGPIPE);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to ignore SIGPIPE"u8);
        // A log at its size limit ends nobody.
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
}
