using System;
using LocalService.CommandLine;
using LocalService.Memory;
using LocalService.Posix;
using LocalService.Server;

namespace LocalService.Tcp;

/// <summary>
/// The super-server over TCP: writes the command line of the chain socketbinder, applyuidgid, tcpserverd and becomes its first program.
/// Specification "tcp", section 1.
/// </summary>
internal readonly unsafe struct TcpServer : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-tcpserver"u8;
    public static int ManualSection => 8;
    public static ReadOnlySpan<byte> Summary => "serve a TCP port: bind, drop privileges, run a program for each connection"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -q --quiet  report errors only
        | -Q --default-verbosity  report warnings too; the default
        | -v --verbose  report every connection
        -d --reuse-address  bind even if connections of an earlier server are still closing; the default
        | -D --no-reuse-address  don't
        -6 --both-versions  for the address ::, accept IPv4 clients too
        -1 --notify-readiness  write the local port and a newline to standard output when clients can connect
        -L --listen-fds  serve the socket from the service manager (LISTEN_FDS); ip, port and their options have no effect then
        -N --notify-socket  notify the service manager (NOTIFY_SOCKET) when clients can connect, and when the server ends
        -c --maximum-connections=maxconn  maximum number of connections at a time, at least 1; 40 by default
        -C --maximum-connections-per-client=localmaxconn  maximum number of connections of one client at a time, at least 1; 40 by default
        -n --prefix-lengths=v4,v6  number of bits of IPv4 and IPv6 addresses that identify a client; 32,64 by default
        -b --backlog=backlog  maximum number of clients waiting to be accepted, at least 1; 4096 by default
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
        ip  the address: IPv4 or IPv6; 0.0.0.0 and :: mean all
        port  the port: a number, 0 for any, or a name of /etc/services
        prog...  the program to run for each connection, and its arguments
        """u8;

    /// <summary>The most words of the chain in front of the program: 8 of the binder, and the others, with -n.</summary>
    private const int LongestChain = 8 + FrontEndOptions.MostWords;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        var options = new OptionReader(invocation.Words, Declaration);
        FrontEndOptions common = FrontEndOptions.Default;
        bool exclusive = false;
        bool bothVersions = false;
        uint? backlog = null;
        byte* prefixes = null;
        while (options.Next(out char option))
        {
            switch (option)
            {
                case 'D': exclusive = true; break;
                case 'd': exclusive = false; break;
                case '6': bothVersions = true; break;
                case 'b': backlog = options.Number(least: 1); break;
                case 'n':
                    _ = PrefixLengths.Read(ref options);
                    prefixes = options.ArgumentPointer;
                    break;
                default: common.Take(option, ref options); break;
            }
        }
        byte* address = options.OperandPointer();
        CString port = options.OperandPointer();
        Words program = options.Program();
        if (options.IsWrong)
            return diagnostics.Usage(options);

        var chain = new WordList(LongestChain + program.Count);
        if (!common.TakesSocket)
        {
            chain.AddRole("s6-tcpserver-socketbinder"u8);
            if (exclusive)
                chain.Add("-D"u8);
            if (bothVersions)
                chain.Add("-6"u8);
            if (backlog.HasValue)
                chain.Add("-b"u8, backlog.GetValueOrDefault());
            chain.Add("--"u8);
            chain.Add(address);
            chain.Add(port);
        }
        common.AddTo(ref chain, "s6-tcpserverd"u8, prefixes == null ? default : Bytes.OfC(Arena.CString("-n"u8, Bytes.OfC(prefixes))));
        chain.Add(program);
        return Exec.Into(chain, invocation.Environment);
    }
}
