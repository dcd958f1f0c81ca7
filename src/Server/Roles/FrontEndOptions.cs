using System;
using LocalService.Accounts;
using LocalService.CommandLine;
using LocalService.Memory;

namespace LocalService.Server;

/// <summary>
/// The common part of the super-server's front ends: the options that they pass on to applyuidgid and to the daemon, and these parts of the chain.
/// Specification "server", section 1, and "tcp", section 1.
/// </summary>
internal struct FrontEndOptions
{
    /// <summary>The most words that <see cref="AddTo"/> adds: of applyuidgid, and of the daemon 23.</summary>
    internal const int MostWords = PrivilegeOptions.MostWords + 23;

    private byte verbosity;
    private bool notifyReadiness;
    private bool tellsManager;
    private uint? maximumConnections;
    private uint? maximumPerClient;
    private uint lifetime;
    private uint grace;
    private uint idle;
    private uint? threads;
    private bool gatesAsPrograms;
    private CString statusFile;
    private PrivilegeOptions privileges;

    /// <summary>Whether a service manager has opened the socket, so that there is nothing to bind.</summary>
    internal bool TakesSocket { get; private set; }

    /// <summary>The state before any option.</summary>
    internal static FrontEndOptions Default => new() { verbosity = 1 };

    /// <summary>Takes an option, which is one of <c>-q -Q -v -1 -L -N -c -C -t -T -i -j -s -S</c> or of <see cref="PrivilegeOptions"/>.</summary>
    internal void Take(char option, ref OptionReader options)
    {
        switch (option)
        {
            case 'q': verbosity = 0; break;
            case 'Q': verbosity = 1; break;
            case 'v': verbosity = 2; break;
            case '1': notifyReadiness = true; break;
            case 'L': TakesSocket = true; break;
            case 'N': tellsManager = true; break;
            case 'c': maximumConnections = options.Number(least: 1); break;
            case 'C': maximumPerClient = options.Number(least: 1); break;
            case 't': lifetime = DaemonOptions.ReadLifetime(ref options); break;
            case 'T': grace = DaemonOptions.ReadLifetime(ref options); break;
            case 'i': idle = options.Number(); break;
            case 'j': threads = options.Number(least: 1); break;
            case 's': statusFile = options.ArgumentPointer; break;
            case 'S': gatesAsPrograms = true; break;
            default: privileges.Take(option, ref options); break;
        }
    }

    /// <summary>Adds applyuidgid, if any ids are to be taken, and the daemon with its options.</summary>
    /// <param name="chain">The chain.</param>
    /// <param name="daemon">The full name of the daemon.</param>
    /// <param name="option">An option that only this daemon has, with its argument, or nothing.</param>
    internal readonly void AddTo(ref WordList chain, ReadOnlySpan<byte> daemon, scoped ReadOnlySpan<byte> option)
    {
        privileges.AddTo(ref chain);
        chain.AddRole(daemon);
        if (verbosity != 1)
            chain.Add(verbosity == 0 ? "-v0"u8 : "-v2"u8);
        if (notifyReadiness)
            chain.Add("-1"u8);
        if (TakesSocket)
            chain.Add("-L"u8);
        if (tellsManager)
            chain.Add("-N"u8);
        if (!option.IsEmpty)
            chain.Add(option);
        if (maximumConnections.HasValue)
            chain.Add("-c"u8, maximumConnections.GetValueOrDefault());
        if (maximumPerClient.HasValue)
            chain.Add("-C"u8, maximumPerClient.GetValueOrDefault());
        if (lifetime != 0)
            chain.Add("-t"u8, lifetime);
        if (grace != 0)
            chain.Add("-T"u8, grace);
        if (idle != 0)
            chain.Add("-i"u8, idle);
        if (threads.HasValue)
            chain.Add("-j"u8, threads.GetValueOrDefault());
        chain.Add("-s"u8, statusFile);
        if (gatesAsPrograms)
            chain.Add("-S"u8);
        chain.Add("--"u8);
    }
}
