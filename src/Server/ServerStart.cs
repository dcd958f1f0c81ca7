using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;
using LocalService.Services;

namespace LocalService.Server;

/// <summary>The start of a server, once its listener is known to be one.</summary>
internal static unsafe class ServerStart
{
    /// <summary>Prepares everything, announces readiness, and serves until a signal ends the server.</summary>
    /// <param name="invocation">The invocation of the role.</param>
    /// <param name="options">The options of the server.</param>
    /// <param name="program">The program for each connection, with its gates.</param>
    /// <param name="diagnostics">The messages of the role.</param>
    /// <param name="details">Further details for the first line of the log.</param>
    /// <param name="announcement">The text that announces readiness.</param>
    /// <typeparam name="TPeer">The clients.</typeparam>
    internal static Outcome Run<TPeer>(
        Invocation invocation, DaemonOptions options, Words program, Diagnostics diagnostics, scoped ReadOnlySpan<byte> details, scoped ReadOnlySpan<byte> announcement)
        where TPeer : unmanaged, IPeer<TPeer>
    {
        EnvironmentBlock environment = invocation.Environment;
        if (options.TellsManager)
            ServiceManager.TakeNotifySocket(ref environment);
        if (invocation.Chained)
            ProcessTitle.Set(invocation.Words.List);

        Errno error = Signals.Reset(libc.SIGCHLD);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to reset SIGCHLD"u8);
        error = Signals.Reset(libc.SIGPIPE) && Signals.HoldBack(libc.SIGPIPE);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to ignore SIGPIPE"u8);
        // A log that has reached the limit on file sizes is treated as a log that can't be written.
        error = Signals.HoldBack(libc.SIGXFSZ);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to ignore SIGXFSZ"u8);
        Result<int> signals = Signals.OpenDescriptor(MainLoop<TPeer>.HandledSignals);
        if (signals.Failed)
            return diagnostics.Fatal(signals.Error, "unable to trap signals"u8);

        StandardError.NeverWait();
        ForeignDescriptors.Prepare();
        var server = (ServerState<TPeer>*)Arena.Allocate((nuint)sizeof(ServerState<TPeer>));
        AskedNumbers.Find<TPeer>(ref options, program, environment, invocation.Roles);
        server->Options = options;
        server->Connections.CountsGroups = options.CountsGroups;
        server->Initialize();
        server->ProcessId = libc.getpid();
        server->Connections.Lifetimes.Limit(options.Lifetime, options.Grace);
        server->Log = new ServerLog<TPeer>(options);
        server->Environment = environment;
        server->Program = new ProgramChain(program, environment, options.GatesAsPrograms ? default : invocation.Roles);
        if (!options.StatusFile.IsNull)
        {
            error = server->Status.Create(options.StatusFile, TPeer.Daemon, options.MaximumConnections);
            if (error.Failed)
                return diagnostics.Fatal(error, "unable to make status file "u8, Bytes.OfC(options.StatusFile));
        }
        server->Log.Starting(details);
        server->Log.Status(0);
        error = Acceptor<TPeer>.Create(server, out Acceptor<TPeer>* acceptor);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to prepare for connections"u8);
        if (options.NotifyReadiness)
            ListeningSocket.AnnounceReadiness(libc.STDOUT_FILENO, announcement);
        ServiceManager.Tell(ServiceManager.Ready, options.Verbosity, diagnostics);
        signals = ListeningSocket.ReplaceStandardOutput(signals.Value);
        if (signals.Failed)
            return diagnostics.Fatal(signals.Error, "unable to trap signals"u8);
        Outcome outcome = new MainLoop<TPeer>(server, acceptor, signals.Value).Run(diagnostics);
        ServiceManager.Tell(ServiceManager.Stopping, options.Verbosity, diagnostics);
        server->Status.Close();
        return outcome;
    }
}
