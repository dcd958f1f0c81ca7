using System;
using LocalService.CommandLine;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Server;

/// <summary>Accepts connections on standard input and starts a program for each. Specification "server", section 4.</summary>
internal readonly unsafe struct IpcServerDaemon : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-ipcserverd"u8;
    public static int ManualSection => 8;
    public static ReadOnlySpan<byte> Summary => "accept connections on standard input and run a program for each"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -v --verbosity=verbosity  what is reported: 0 errors, 1 warnings too, 2 every connection too; 1 by default
        -1 --notify-readiness  write a newline to standard output when clients can connect
        -P --no-lookups  don't ask the kernel who the clients are
        | -p --lookups  ask the kernel who the clients are; the default
        -c --maximum-connections=maxconn  the most connections at a time, at least 1; 40 by default
        -C --maximum-connections-per-user=localmaxconn  the most connections of one user id at a time; 0 refuses everybody; 40 by default
        -j --threads=threads  the most threads that accept; 3 by default, 1 where limits on processes or descriptors are low
        -S --gates-as-programs  start gates as programs instead of asking them in the server
        prog...  the program to run for each connection, and its arguments
        """u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        DaemonOptions daemon = DaemonOptions.Default;
        var options = new OptionReader(invocation.Words, Declaration);
        while (options.Next(out char option))
        {
            switch (option)
            {
                case 'v': daemon.Verbosity = options.Number(); break;
                case '1': daemon.NotifyReadiness = true; break;
                case 'P': daemon.Lookups = false; break;
                case 'p': daemon.Lookups = true; break;
                case 'c': daemon.MaximumConnections = options.Number(); break;
                case 'C': daemon.MaximumPerUser = options.Number(); break;
                case 'j': daemon.Threads = options.Number(); break;
                case 'S': daemon.GatesAsPrograms = true; break;
            }
        }
        Words program = options.NamedProgram();
        if (options.IsWrong)
            return diagnostics.Usage(options);
        daemon.CorrectLimits();

        Outcome checkedDescriptors = ListeningSocket.Check(daemon.NotifyReadiness, diagnostics);
        if (checkedDescriptors.Code != ExitCode.Success)
            return checkedDescriptors;
        if (invocation.Chained)
            ProcessTitle.Set(invocation.Words.List);

        Errno error = Signals.Reset(libc.SIGCHLD);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to reset SIGCHLD"u8);
        error = Signals.CatchAndForget(libc.SIGPIPE);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to ignore SIGPIPE"u8);
        // A log that has reached the limit on the size of files is a log that can't be written.
        error = Signals.CatchAndForgetUnlessIgnored(libc.SIGXFSZ);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to ignore SIGXFSZ"u8);
        Result<int> signals = Signals.OpenDescriptor(MainLoop.HandledSignals);
        if (signals.Failed)
            return diagnostics.Fatal(signals.Error, "unable to trap signals"u8);

        StandardError.NeverWait();
        var server = (ServerState*)Arena.Allocate((nuint)sizeof(ServerState));
        server->Initialize();
        server->Options = daemon;
        server->Log = new ServerLog(daemon);
        server->Environment = invocation.Environment;
        server->Program = new ProgramChain(program, invocation.Environment, daemon.GatesAsPrograms ? default : invocation.Roles);
        server->Log.Starting();
        server->Log.Status(0);
        error = Acceptor.Create(server, out Acceptor* acceptor);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to prepare for connections"u8);
        if (daemon.NotifyReadiness)
            ListeningSocket.AnnounceReadiness();
        signals = ListeningSocket.ReplaceStandardOutput(signals.Value);
        if (signals.Failed)
            return diagnostics.Fatal(signals.Error, "unable to trap signals"u8);
        return new MainLoop(server, acceptor, signals.Value).Run(diagnostics);
    }
}
