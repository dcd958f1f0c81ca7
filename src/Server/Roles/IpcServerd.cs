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
        -v --verbosity=verbosity  what is reported: 0 errors, 1 warnings too, 2 every connection too, 3 which rule decided too; 1 by default
        -1 --notify-readiness  write a newline to standard output when clients can connect
        -L --listen-fds  serve the socket of the service manager, LISTEN_FDS, instead of standard input
        -N --notify-socket  tell the service manager, NOTIFY_SOCKET, when clients can connect, and when the server ends
        -P --no-lookups  don't ask the kernel who the clients are
        | -p --lookups  ask the kernel who the clients are; the default
        -I --client-pid  tell programs the process id of their client, IPCREMOTEPID
        -m --client-groups  tell them its supplementary groups, IPCREMOTEGROUPS
        -l --client-label  tell them its security label, IPCREMOTELABEL
        -c --maximum-connections=maxconn  the most connections at a time, at least 1; 40 by default
        -C --maximum-connections-per-user=localmaxconn  the most connections of one user id at a time; 0 refuses everybody; 40 by default
        -t --lifetime=lifetime  how many milliseconds a connection may last before its program gets SIGTERM; 0, the default: no limit
        -T --grace=grace  how many milliseconds later it gets SIGKILL; 0, the default: never
        -i --idle=idle  end, with exit code 0, after so many milliseconds without a connection; 0, the default: never
        -j --threads=threads  the most threads that accept; 3 by default, 1 where limits on processes or descriptors are low
        -s --status-file=file  show what happens in this file, for s6-status; one that is there is replaced
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
