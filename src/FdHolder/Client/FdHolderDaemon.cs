using System;
using LocalService.Accounts;
using LocalService.CommandLine;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.FdHolder;

/// <summary>
/// Starts the descriptor holder: writes the command line of the chain socketbinder, applyuidgid, fdholderd and becomes its first program.
/// Specification "fdholder", section 2.
/// </summary>
internal readonly unsafe struct FdHolderDaemon : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-fdholder-daemon"u8;
    public static int ManualSection => 8;
    public static ReadOnlySpan<byte> Summary => "bind a Unix domain socket and hold descriptors for its clients"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -v --verbosity=verbosity  what to report: 0 errors, 1 also warnings; 1 by default
        -d --rebind  replace an existing socket at the path; the default
        | -D --no-rebind  fail if the path exists
        -k --keep-living  fail if a live server is listening on the path
        -o --owner=uid:gid  the owner and the group of the socket, numbers or names; either may be missing
        -1 --notify-readiness  write a newline to standard output when clients can connect
        -L --listen-fds  serve the socket from the service manager (LISTEN_FDS); path and its options have no effect then
        -M --notify-socket  notify the service manager (NOTIFY_SOCKET) when clients can connect, and when shutdown begins
        -N --unmapped-ids  accept the id that stands for all users without a mapping in this user namespace
        -c --maximum-connections=maxconn  maximum number of clients at a time, 1 to 256; 16 by default
        -n --maximum-descriptors=maxfds  maximum number of held descriptors, at least 1; 1000 by default
        -b --backlog=backlog  maximum number of clients waiting to be accepted; the system's limit by default
        -G --groups=gid,gid,...  run with these supplementary groups, numbers or names
        -g --gid=gid  run with this group, a number or a name; 0, the default: no change
        -u --uid=uid  run as this user, a number or a name; a name sets its groups too; 0, the default: no change
        -U --ids-from-environment  take the ids from UID, GID and GIDLIST instead
        -t --client-timeout=timeout  time limit in milliseconds for a client's first request, then for each answer; 0, the default: no limit
        -T --lame-duck-timeout=lameducktimeout  time limit in milliseconds for answers after SIGTERM; 0, the default: no limit
        -s --status-file=file  write the status to this file, for s6-status; an existing file is replaced
        -i --rules-directory=rulesdir  the directory of the access rules
        | -x --rules-file=rulesfile  the cdb file of the access rules
        path  the path to bind the socket to; @NAME is an abstract address
        """u8;

    /// <summary>The most words that the chain has: of the binder, with its backlog and path, of applyuidgid, of fdholderd 19.</summary>
    private const int LongestChain = BinderOptions.MostWords + 4 + PrivilegeOptions.MostWords + 19;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        var options = new OptionReader(invocation.Words, Declaration);
        Choices choices = Choices.Read(ref options);
        CString path = options.OperandPointer();
        if (options.IsWrong)
            return diagnostics.Usage(options);
        if (choices.Rules.IsNull)
            return diagnostics.Fatal(ExitCode.Usage, FdHolderd.NoRules);
        return Exec.Into(Chain(choices, path), invocation.Environment);
    }

    /// <summary>The values of the options.</summary>
    private struct Choices
    {
        internal uint Verbosity;
        internal BinderOptions Binder;
        internal bool NotifyReadiness;
        internal bool TakesSocket;
        internal bool TellsManager;
        internal bool UnmappedIdsCount;
        internal uint? MaximumConnections;
        internal uint? MaximumDescriptors;
        internal uint? Backlog;
        internal uint ClientMilliseconds;
        internal uint LameDuckMilliseconds;
        internal PrivilegeOptions Privileges;
        internal CString StatusFile;
        internal CString Rules;
        internal bool RulesAreDatabase;

        internal static Choices Read(ref OptionReader options)
        {
            var choices = new Choices { Verbosity = 1 };
            while (options.Next(out char option))
            {
                switch (option)
                {
                    case 'v': choices.Verbosity = options.Number(); break;
                    case 'd' or 'D' or 'k' or 'o': choices.Binder.Take(option, ref options); break;
                    case '1': choices.NotifyReadiness = true; break;
                    case 'L': choices.TakesSocket = true; break;
                    case 'M': choices.TellsManager = true; break;
                    case 'N': choices.UnmappedIdsCount = true; break;
                    case 'c': choices.MaximumConnections = options.Number(least: 1); break;
                    case 'n': choices.MaximumDescriptors = options.Number(least: 1); break;
                    case 'b': choices.Backlog = options.Number(); break;
                    case 't': choices.ClientMilliseconds = options.Number(); break;
                    case 'T': choices.LameDuckMilliseconds = options.Number(); break;
                    case 's': choices.StatusFile = options.ArgumentPointer; break;
                    case 'i' or 'x':
                        choices.Rules = options.ArgumentPointer;
                        choices.RulesAreDatabase = option == 'x';
                        break;
                    default: choices.Privileges.Take(option, ref options); break;
                }
            }
            return choices;
        }
    }

    private static WordList Chain(in Choices choices, CString path)
    {
        var chain = new WordList(LongestChain);
        if (!choices.TakesSocket)
            AddSocketBinder(ref chain, choices, path);
        choices.Privileges.AddTo(ref chain);
        chain.AddRole("s6-fdholderd"u8);
        if (choices.Verbosity != 1)
            chain.Add("-v"u8, choices.Verbosity);
        if (choices.NotifyReadiness)
            chain.Add("-1"u8);
        if (choices.TakesSocket)
            chain.Add("-L"u8);
        if (choices.TellsManager)
            chain.Add("-M"u8);
        if (choices.UnmappedIdsCount)
            chain.Add("-N"u8);
        AddNumber(ref chain, "-c"u8, choices.MaximumConnections);
        AddNumber(ref chain, "-n"u8, choices.MaximumDescriptors);
        if (choices.ClientMilliseconds > 0)
            chain.Add("-t"u8, choices.ClientMilliseconds);
        if (choices.LameDuckMilliseconds > 0)
            chain.Add("-T"u8, choices.LameDuckMilliseconds);
        chain.Add("-s"u8, choices.StatusFile);
        chain.Add(choices.RulesAreDatabase ? "-x"u8 : "-i"u8, choices.Rules);
        return chain;
    }

    private static void AddSocketBinder(ref WordList chain, in Choices choices, CString path)
    {
        choices.Binder.AddTo(ref chain);
        AddNumber(ref chain, "-b"u8, choices.Backlog);
        chain.Add("--"u8);
        chain.Add(path);
    }

    private static void AddNumber(ref WordList chain, ReadOnlySpan<byte> option, uint? number)
    {
        if (number.HasValue)
            chain.Add(option, number.GetValueOrDefault());
    }
}
