using System;
using LocalService.CommandLine;
using LocalService.Posix;

namespace LocalService.Server;

/// <summary>Accepts connections on standard input and starts a program for each. Specification "server", section 4.</summary>
internal readonly struct IpcServerd : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-ipcserverd"u8;
    public static int ManualSection => 8;
    public static ReadOnlySpan<byte> Summary => "accept connections on standard input and run a program for each"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -v --verbosity=verbosity  what to report: 0 errors, 1 also warnings, 2 also every connection, 3 also the deciding rule; 1 by default
        -1 --notify-readiness  write a newline to standard output when clients can connect
        -L --listen-fds  serve the socket from the service manager (LISTEN_FDS) instead of standard input
        -N --notify-socket  notify the service manager (NOTIFY_SOCKET) when clients can connect, and when the server ends
        -P --no-lookups  don't ask the kernel who the clients are
        | -p --lookups  ask the kernel who the clients are; the default
        -I --client-pid  tell programs the process id of their client, IPCREMOTEPID
        -m --client-groups  tell them its supplementary groups, IPCREMOTEGROUPS
        -l --client-label  tell them its security label, IPCREMOTELABEL
        -c --maximum-connections=maxconn  maximum number of connections at a time, at least 1; 40 by default
        -C --maximum-connections-per-user=localmaxconn  maximum number of connections of one user id at a time; 0 refuses everybody; 40 by default
        -t --lifetime=lifetime  time limit in milliseconds for a connection, then its program gets SIGTERM; 0, the default: no limit
        -T --grace=grace  send it SIGKILL this many milliseconds later; 0, the default: never
        -i --idle=idle  exit with code 0 after this many milliseconds without a connection; 0, the default: never
        -j --threads=threads  maximum number of accepting threads; 3 by default, 1 where limits on processes or descriptors are low
        -s --status-file=file  write the status to this file, for s6-status; an existing file is replaced
        -S --gates-as-programs  run gates as programs instead of inside the server
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
                case 'P': daemon.Lookups = false; break;
                case 'p': daemon.Lookups = true; break;
                case 'I': daemon.TellsProcess = true; break;
                case 'm': daemon.TellsGroups = true; break;
                case 'l': daemon.TellsLabel = true; break;
                default: daemon.Take(option, ref options); break;
            }
        }
        Words program = options.NamedProgram();
        if (options.IsWrong)
            return diagnostics.Usage(options);
        daemon.CorrectLimits();

        EnvironmentBlock environment = invocation.Environment;
        Outcome checkedDescriptors = ListeningSocket.Check(isUnix: true, daemon.NotifyReadiness, daemon.TakesSocket, ref environment, diagnostics);
        if (checkedDescriptors.Code != ExitCode.Success)
            return checkedDescriptors;
        return ServerStart.Run<UnixPeer>(invocation with { Environment = environment }, daemon, program, diagnostics, default, "\n"u8);
    }
}
