using System;
using LocalService.CommandLine;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Server;

/// <summary>Accepts connections on standard input and starts a program for each. Specification "server", section 4.</summary>
internal readonly unsafe struct IpcServerDaemon : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-ipcserverd"u8;
    public static ReadOnlySpan<byte> Usage => "[ -v verbosity ] [ -1 ] [ -P | -p ] [ -c maxconn ] [ -C localmaxconn ] [ -j threads ] [ -S ] prog..."u8;
    public static ReadOnlySpan<byte> Summary => "accept connections on standard input and run a program for each"u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        DaemonOptions daemon = DaemonOptions.Default;
        var options = new OptionParser(invocation.Words, "v:1Ppc:C:j:S"u8);
        for (byte option = options.Next(); option != OptionParser.End; option = options.Next())
        {
            bool valid = true;
            switch (option)
            {
                case (byte)'v': valid = Numbers.TryParse(options.Argument, out daemon.Verbosity); break;
                case (byte)'1': daemon.NotifyReadiness = true; break;
                case (byte)'P': daemon.Lookups = false; break;
                case (byte)'p': daemon.Lookups = true; break;
                case (byte)'c': valid = Numbers.TryParse(options.Argument, out daemon.MaximumConnections); break;
                case (byte)'C': valid = Numbers.TryParse(options.Argument, out daemon.MaximumPerUser); break;
                case (byte)'j': valid = Numbers.TryParse(options.Argument, out daemon.Threads); break;
                case (byte)'S': daemon.GatesAsPrograms = true; break;
                default: valid = false; break;
            }
            if (!valid)
                return diagnostics.Usage(Usage);
        }
        Words program = options.Rest;
        if (program.Count == 0 || program[0].IsEmpty)
            return diagnostics.Usage(Usage);
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
