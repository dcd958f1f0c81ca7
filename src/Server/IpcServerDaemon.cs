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

        Outcome checkedDescriptors = CheckDescriptors(daemon, diagnostics);
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
        Result<int> signals = Signals.OpenDescriptor(MainLoop.HandledSignals);
        if (signals.Failed)
            return diagnostics.Fatal(signals.Error, "unable to trap signals"u8);

        StandardError.NeverWait();
        var server = (ServerState*)Arena.Allocate((nuint)sizeof(ServerState));
        server->Options = daemon;
        server->ListenerBlocks = (libc.fcntl(libc.STDIN_FILENO, libc.F_GETFL, 0) & libc.O_NONBLOCK) == 0;
        server->Log = new ServerLog(daemon);
        server->Environment = invocation.Environment;
        server->Program = new ProgramChain(program, invocation.Environment, daemon.GatesAsPrograms ? default : invocation.Roles);
        server->Log.Starting();
        server->Log.Status(0);
        error = Acceptor.Create(server, out Acceptor* acceptor);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to prepare for connections"u8);
        AnnounceReadiness(daemon);
        signals = ReplaceStandardOutput(signals.Value);
        if (signals.Failed)
            return diagnostics.Fatal(signals.Error, "unable to trap signals"u8);
        return new MainLoop(server, acceptor, signals.Value).Run(diagnostics);
    }

    /// <summary>Readiness is only ever announced for a socket that can be served (decision 11).</summary>
    private static Outcome CheckDescriptors(DaemonOptions daemon, Diagnostics diagnostics)
    {
        if (StandardDescriptors.InputMissing)
            return diagnostics.Fatal(new Errno(libc.EBADF), "unable to fstat stdin"u8);
        Result<FileStatus> status = FileStatus.OfDescriptor(libc.STDIN_FILENO);
        if (status.Failed)
            return diagnostics.Fatal(status.Error, "unable to fstat stdin"u8);
        if (!status.Value.IsSocket)
            return diagnostics.Fatal(ExitCode.Usage, "stdin is not a socket"u8);
        if (!HasOption(libc.SO_DOMAIN, libc.AF_UNIX))
            return diagnostics.Fatal(ExitCode.Usage, "stdin is not a Unix domain socket"u8);
        if (!HasOption(libc.SO_TYPE, libc.SOCK_STREAM))
            return diagnostics.Fatal(ExitCode.Usage, "stdin is not a stream socket"u8);
        if (!HasOption(libc.SO_ACCEPTCONN, 1))
            return diagnostics.Fatal(ExitCode.Usage, "stdin is not a listening socket"u8);
        if (libc.fcntl(libc.STDIN_FILENO, libc.F_SETFD, libc.FD_CLOEXEC) < 0)
            return diagnostics.Fatal(Errno.Last, "unable to make socket close-on-exec"u8);
        if (daemon.NotifyReadiness && StandardDescriptors.OutputMissing)
        {
            _ = diagnostics.Fatal(new Errno(libc.EBADF), "called with option -1 but stdout said"u8);
            return Outcome.Exit(ExitCode.Usage);
        }
        return Outcome.Exit(ExitCode.Success);
    }

    private static bool HasOption(int option, int wanted)
    {
        int value;
        uint size = sizeof(int);
        return libc.getsockopt(libc.STDIN_FILENO, libc.SOL_SOCKET, option, &value, &size) == 0 && value == wanted;
    }

    private static void AnnounceReadiness(DaemonOptions daemon)
    {
        if (daemon.NotifyReadiness)
        {
            var line = new Line(libc.STDOUT_FILENO, stackalloc byte[1]);
            line.Add("\n"u8);
            line.Flush();
        }
    }

    /// <summary>
    /// Closes descriptor 1, and at once gives its number to a descriptor of the server: no connection may ever have a standard number
    /// (specification "conventions", section 8.3).
    /// </summary>
    private static Result<int> ReplaceStandardOutput(int descriptor)
    {
        using var original = new Descriptor(descriptor);
        return libc.dup3(descriptor, libc.STDOUT_FILENO, libc.O_CLOEXEC) < 0 ? Errno.Last : libc.STDOUT_FILENO;
    }
}
