using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;
using LocalService.Services;

namespace LocalService.FdHolder;

/// <summary>Holds descriptors for clients that connect to the socket on standard input. Specification "fdholder", section 3.</summary>
internal readonly struct FdHolderd : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-fdholderd"u8;
    public static int ManualSection => 8;
    public static ReadOnlySpan<byte> Summary => "hold descriptors for clients that connect to standard input"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -1 --notify-readiness  write a newline to standard output when clients can connect
        -L --listen-fds  serve the socket from the service manager (LISTEN_FDS) instead of standard input
        -M --notify-socket  notify the service manager (NOTIFY_SOCKET) when clients can connect, and when shutdown begins
        -N --unmapped-ids  accept the id that stands for all users without a mapping in this user namespace
        -v --verbosity=verbosity  what to report: 0 errors, 1 also warnings; 1 by default
        -c --maximum-connections=maxconn  maximum number of clients at a time, 1 to 256; 16 by default
        -n --maximum-descriptors=maxfds  maximum number of held descriptors, at least 1; 1000 by default
        -t --client-timeout=timeout  time limit in milliseconds for a client's first request, then for each answer; 0, the default: no limit
        -T --lame-duck-timeout=lameducktimeout  time limit in milliseconds for answers after SIGTERM; 0, the default: no limit
        -s --status-file=file  write the status to this file, for s6-status; an existing file is replaced
        -i --rules-directory=rulesdir  the directory of the access rules
        | -x --rules-file=rulesfile  the cdb file of the access rules
        """u8;

    /// <summary>The message when there are no rules: no client could do anything then.</summary>
    internal static ReadOnlySpan<byte> NoRules => "no access rights specified!"u8;

    // The largest expression and the memory for its match, and half as much again.
    private const ulong StackForExpressions = 128 * 1024;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        var reader = new OptionReader(invocation.Words, Declaration);
        HolderOptions options = HolderOptions.Read(ref reader);
        if (reader.IsWrong)
            return diagnostics.Usage(reader);
        if (options.Rules.IsNone)
            return diagnostics.Fatal(ExitCode.Usage, NoRules);
        if (options.LimitIsTooLow)
            return diagnostics.Fatal(ExitCode.System, "open file limit too low"u8);
        EnvironmentBlock environment = invocation.Environment;
        if (options.TellsManager)
            ServiceManager.TakeNotifySocket(ref environment);
        Outcome checkedDescriptors = ListeningSocket.Check(isUnix: true, options.NotifyReadiness, options.TakesSocket, ref environment, diagnostics);
        if (checkedDescriptors.Code != ExitCode.Success)
            return checkedDescriptors;
        if (!StackLimit.Leaves(StackForExpressions))
            return diagnostics.Fatal(ExitCode.System, StackLimit.TooLow);
        var rules = new RuleBook();
        Errno error = rules.Open(options);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to cdb_init "u8, Bytes.OfC(options.Rules.Path));
        var start = new DaemonStart(invocation, diagnostics);
        Outcome prepared = start.TakeSignals(HolderService.HandledSignals);
        if (prepared.Code != ExitCode.Success)
            return prepared;
        ForeignDescriptors.Prepare();
        ServerStatus status = default;
        if (!options.StatusFile.IsNull)
        {
            error = status.Create(options.StatusFile, Program, options.MaximumClients);
            if (error.Failed)
                return diagnostics.Fatal(error, "unable to make status file "u8, Bytes.OfC(options.StatusFile));
        }
        var service = new HolderService(options, rules, ExpiryTimer.Open()) { Status = status };
        error = EventLoop.Open(out EventLoop loop) && service.Begin(ref loop);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to prepare for events"u8);
        prepared = start.BecomeReadyOnOutput(options.NotifyReadiness, options.Verbosity);
        if (prepared.Code != ExitCode.Success)
            return prepared;
        Outcome outcome = ServiceLoop<HolderService>.Run(ref service, ref loop, start.Signals, diagnostics);
        service.Status.Close();
        return outcome;
    }
}
