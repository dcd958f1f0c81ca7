using System;
using LocalService.CommandLine;

namespace LocalService.Syslog;

/// <summary>Receives the messages of all kinds of syslog clients: datagrams, streams, UDP.</summary>
internal readonly struct SyslogDaemon : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-syslogd"u8;
    public static int ManualSection => 8;
    public static ReadOnlySpan<byte> Summary => "write the messages of syslog clients of every kind to standard output"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -d --notification-descriptor=notif  write a newline to this descriptor when ready for messages, 3 or more; 0, the default: none
        -N --notify-socket  notify the service manager (NOTIFY_SOCKET) when ready for messages, and when shutdown begins
        -r --raw  leave the priority number as it is
        -p --split  split messages of RFC 5424 and RFC 3164 into time, host, program, process, kind, data and text, separated by tabs
        -T --time=format  put the time of arrival in front of each line: tai64n or rfc3339
        -c --credentials  put PID:UID:GID: of a local sender in front of its message
        -b --binary  leave control characters, and what isn't UTF-8, as they are
        -C --lines-per-second=lines  maximum number of lines per second of one local user, the rest is counted; 0, the default: no limit
        -U --ids-from-environment  take the ids from UID, GID and GIDLIST instead
        -u --uid=uid  run as this user, a number or a name; a name sets its groups too; 0, the default: no change
        -g --gid=gid  run with this group, a number or a name; 0, the default: no change
        -G --groups=gidlist  run with these supplementary groups, numbers or names
        -l --line-length=linelen  maximum length of a message in bytes, 76 to 1048576; 1024 by default
        -n --maximum-streams=maxconn  maximum number of stream clients at a time, at least 1; 256 by default
        -t --lame-duck-timeout=lameducktimeout  time limit in milliseconds for writing after SIGTERM; 0, the default: no limit
        -x --socket=path  bind a Unix datagram socket at this path; /dev/log by default, unless -f or -L is given
        -s --stream=path  bind a Unix stream socket at this path
        -i --udp=ip_port  bind this address for UDP; the port is 514 by default
        -f --descriptor=fd  receive from a bound socket that is open as this descriptor; may be repeated
        -L --listen-fds  receive from the sockets of the service manager (LISTEN_FDS)
        """u8;

    public static Outcome Run(Invocation invocation)
    {
        var options = new OptionReader(invocation.Words, Declaration);
        SyslogOptions read = SyslogOptions.Read(ref options, takesAllKinds: true);
        return options.IsWrong ? new Diagnostics(Program).Usage(options) : SyslogStart.Run(read, invocation);
    }
}
