using System;
using LocalService.Accounts;
using LocalService.CommandLine;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Server;

/// <summary>
/// The super-server: writes the command line of the chain socketbinder, applyuidgid, ipcserverd and becomes its first program.
/// It checks every number, so that a mistake shows before anything is bound. Specification "server", section 1.
/// </summary>
internal readonly struct IpcServer : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-ipcserver"u8;
    public static int ManualSection => 8;
    public static ReadOnlySpan<byte> Summary => "serve a Unix domain socket: bind, drop privileges, run a program for each connection"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -q --quiet  report errors only
        | -Q --default-verbosity  report warnings too; the default
        | -v --verbose  report every connection
        -d --rebind  replace an existing socket at the path; the default
        | -D --no-rebind  fail if the path exists
        -k --keep-living  fail if a live server is listening on the path
        -P --no-lookups  don't ask the kernel who the clients are
        | -p --lookups  ask the kernel who the clients are; the default
        -I --client-pid  tell programs the process id of their client, IPCREMOTEPID
        -m --client-groups  tell them its supplementary groups, IPCREMOTEGROUPS
        -l --client-label  tell them its security label, IPCREMOTELABEL
        -1 --notify-readiness  write a newline to standard output when clients can connect
        -L --listen-fds  serve the socket from the service manager (LISTEN_FDS); path and its options have no effect then
        -N --notify-socket  notify the service manager (NOTIFY_SOCKET) when clients can connect, and when the server ends
        -c --maximum-connections=maxconn  maximum number of connections at a time, at least 1; 40 by default
        -C --maximum-connections-per-user=localmaxconn  maximum number of connections of one user id at a time, at least 1; 40 by default
        -b --backlog=backlog  maximum number of clients waiting to be accepted, at least 1; the system's limit by default
        -a --permissions=socketperms  the permissions of the socket, octal; 0777 by default
        -o --owner=uid:gid  the owner and the group of the socket, numbers or names; either may be missing
        -G --groups=gid,gid,...  run with these supplementary groups, numbers or names
        -g --gid=gid  run with this group, a number or a name; 0, the default: no change
        -u --uid=uid  run as this user, a number or a name; a name sets its groups too; 0, the default: no change
        -U --ids-from-environment  take the ids from UID, GID and GIDLIST instead
        -t --lifetime=lifetime  time limit in milliseconds for a connection, then its program gets SIGTERM; 0, the default: no limit
        -T --grace=grace  send it SIGKILL this many milliseconds later; 0, the default: never
        -i --idle=idle  exit with code 0 after this many milliseconds without a connection; 0, the default: never
        -j --threads=threads  maximum number of accepting threads; 3 by default, 1 where limits on processes or descriptors are low
        -s --status-file=file  write the status to this file, for s6-status; an existing file is replaced
        -S --gates-as-programs  run gates as programs instead of inside the server
        path  the path to bind the socket to; @NAME is an abstract address
        prog...  the program to run for each connection, and its arguments
        """u8;

    /// <summary>The most words that the chain has before the program: of the binder, with its backlog, permissions and path, and the others.</summary>
    private const int LongestChain = BinderOptions.MostWords + 6 + FrontEndOptions.MostWords;

    private const uint AllPermissions = 0x1FF; // 0777

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        var options = new OptionReader(invocation.Words, Declaration);
        Choices choices = Choices.Read(ref options);
        CString path = options.OperandPointer();
        Words program = options.Program();
        return options.IsWrong ? diagnostics.Usage(options) : Exec.Into(Chain(choices, path, program), invocation.Environment);
    }

    /// <summary>The values of the options.</summary>
    private struct Choices
    {
        internal BinderOptions Binder;
        internal bool NoLookups;
        internal bool TellsProcess;
        internal bool TellsGroups;
        internal bool TellsLabel;
        internal uint Backlog;
        internal uint Permissions;
        internal FrontEndOptions Common;

        internal static Choices Read(ref OptionReader options)
        {
            var choices = new Choices { Backlog = uint.MaxValue, Permissions = AllPermissions, Common = FrontEndOptions.Default };
            while (options.Next(out char option))
            {
                switch (option)
                {
                    case 'd' or 'D' or 'k' or 'o': choices.Binder.Take(option, ref options); break;
                    case 'P': choices.NoLookups = true; break;
                    case 'p': choices.NoLookups = false; break;
                    case 'I': choices.TellsProcess = true; break;
                    case 'm': choices.TellsGroups = true; break;
                    case 'l': choices.TellsLabel = true; break;
                    // A server made by this role always listens, so 0 doesn't mean "do not listen".
                    case 'b': choices.Backlog = options.Number(least: 1); break;
                    case 'a': choices.Permissions = options.OctalNumber(); break;
                    default: choices.Common.Take(option, ref options); break;
                }
            }
            return choices;
        }
    }

    private static WordList Chain(in Choices choices, CString path, Words program)
    {
        var chain = new WordList(LongestChain + program.Count);
        if (!choices.Common.TakesSocket)
            AddSocketBinder(ref chain, choices, path);
        var letters = new Line(-1, stackalloc byte[8]);
        letters.Add(choices.NoLookups ? "-P"u8 : "-"u8);
        letters.Add(choices.TellsProcess ? "I"u8 : default, choices.TellsGroups ? "m"u8 : default);
        letters.Add(choices.TellsLabel ? "l"u8 : default);
        choices.Common.AddTo(ref chain, "s6-ipcserverd"u8, letters.Text.Length > 1 ? letters.Text : default);
        chain.Add(program);
        return chain;
    }

    private static void AddSocketBinder(ref WordList chain, in Choices choices, CString path)
    {
        choices.Binder.AddTo(ref chain);
        if (choices.Backlog != uint.MaxValue)
            chain.Add("-b"u8, choices.Backlog);
        uint permissions = choices.Permissions & AllPermissions;
        if (permissions != AllPermissions)
        {
            chain.Add("-a"u8);
            chain.Add(Arena.CString("0"u8, Numbers.Octal(permissions, stackalloc byte[Numbers.LongestText])));
        }
        chain.Add("--"u8);
        chain.Add(path);
    }
}
