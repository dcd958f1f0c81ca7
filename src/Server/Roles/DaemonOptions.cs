using LocalService.CommandLine;
using LocalService.Libc;
using LocalService.Memory;

namespace LocalService.Server;

/// <summary>The options of a server, with corrected limits. Specification "server", section 4.1.</summary>
internal unsafe struct DaemonOptions
{
    // Measured on two processors: see bench/RESULTS.md.
    private const uint UsualThreads = 3;

    // Below these limits a thread, which counts as a process and has a descriptor, would use up resources that clients need.
    private const ulong FewProcesses = 256;
    private const ulong FewDescriptors = 64;

    /// <summary>0: silent, 1: warnings, 2 and more: every event.</summary>
    internal uint Verbosity;

    /// <summary>Whether clients are asked for their ids. If not, they all count as one client.</summary>
    internal bool Lookups;

    /// <summary>Over a Unix socket: whether programs are told the process of the client.</summary>
    internal bool TellsProcess;

    /// <summary>Whether they are told its supplementary groups, which costs a call.</summary>
    internal bool TellsGroups;

    /// <summary>Whether they are told its security label, which costs a call.</summary>
    internal bool TellsLabel;

    /// <summary>Whether a newline is written to descriptor 1 when the server is ready.</summary>
    internal bool NotifyReadiness;

    /// <summary>Whether a service manager has opened the socket: <see cref="ServiceManager"/>.</summary>
    internal bool TakesSocket;

    /// <summary>Whether the manager is told when the server is ready, and when it ends.</summary>
    internal bool TellsManager;

    /// <summary>The most connections at a time, at least 1.</summary>
    internal uint MaximumConnections;

    /// <summary>The most connections of one client at a time; 0 refuses everybody.</summary>
    internal uint MaximumPerClient;

    /// <summary>
    /// Over TCP: how many leading bits of an IPv4 address distinguish one client from another. Addresses that share them count together.
    /// </summary>
    internal int PrefixLengthV4;

    /// <summary>The same for IPv6 addresses.</summary>
    internal int PrefixLengthV6;

    /// <summary>The most threads that accept, at least 1; 0 for as many as suit the limits of the process.</summary>
    internal uint Threads;

    /// <summary>Whether gates are started as programs for each connection instead of being asked in the server.</summary>
    internal bool GatesAsPrograms;

    /// <summary>The file that the server shows its status in; null: none.</summary>
    internal CString StatusFile;

    /// <summary>After how many milliseconds the program of a connection gets SIGTERM; 0: never.</summary>
    internal uint Lifetime;

    /// <summary>How many milliseconds after that it gets SIGKILL; 0: never.</summary>
    internal uint Grace;

    /// <summary>After how many milliseconds without any connection the server ends; 0: never.</summary>
    internal uint Idle;

    /// <summary>Whether programs are told how many connections there are: <see cref="AskedNumbers"/>.</summary>
    internal bool TellsTotal;

    /// <summary>Whether connections are counted under groups as well, and programs told the number.</summary>
    internal bool CountsGroups;

    /// <summary>Takes an option that the daemons of all transports have.</summary>
    internal void Take(char option, ref OptionReader options)
    {
        switch (option)
        {
            case 'v': Verbosity = options.Number(); break;
            case '1': NotifyReadiness = true; break;
            case 'L': TakesSocket = true; break;
            case 'N': TellsManager = true; break;
            case 'c': MaximumConnections = options.Number(); break;
            case 'C': MaximumPerClient = options.Number(); break;
            case 't': Lifetime = ReadLifetime(ref options); break;
            case 'T': Grace = ReadLifetime(ref options); break;
            case 'i': Idle = options.Number(); break;
            case 'j': Threads = options.Number(); break;
            case 's': StatusFile = options.ArgumentPointer; break;
            case 'S': GatesAsPrograms = true; break;
        }
    }

    /// <summary>The argument as a number of milliseconds that <see cref="Lifetimes"/> can take.</summary>
    internal static uint ReadLifetime(ref OptionReader options)
    {
        uint milliseconds = options.Number();
        if (milliseconds > Lifetimes.Longest)
            options.RejectArgument("number of milliseconds, at most 1073741824,"u8);
        return milliseconds;
    }

    internal static DaemonOptions Default =>
        new() { Verbosity = 1, Lookups = true, MaximumConnections = 40, MaximumPerClient = 40 };

    internal void CorrectLimits()
    {
        if (MaximumConnections == 0)
            MaximumConnections = 1;
        if (Threads == 0)
            Threads = IsBelow(libc.RLIMIT_NPROC, FewProcesses) || IsBelow(libc.RLIMIT_NOFILE, FewDescriptors) ? 1 : UsualThreads;
        if (!Lookups || MaximumPerClient > MaximumConnections)
            MaximumPerClient = MaximumConnections;
        TellsProcess &= Lookups;
        TellsGroups &= Lookups;
        TellsLabel &= Lookups;
    }

    private static bool IsBelow(int resource, ulong few)
    {
        libc.rlimit limit;
        return libc.getrlimit(resource, &limit) < 0 || limit.rlim_cur < few;
    }
}
