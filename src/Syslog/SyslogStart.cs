using System;
using LocalService.Accounts;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Syslog;

/// <summary>
/// The start of a syslog daemon, one step at a time. Where another program of the toolkit has to do a step, the process becomes that program, with
/// the rest of the command line behind it: s6-ipcserver-socketbinder makes sockets in the file system, and s6-applyuidgid takes ids.
/// </summary>
internal static unsafe class SyslogStart
{
    // The words that the other programs add: binder and its options, or applyuidgid.
    private const int MostWordsInFront = 16;

    // As large as the system allows up to this: a burst must not get lost while others have their turn.
    private const int UdpBuffer = 4 * 1024 * 1024;

    /// <summary>Takes the next step.</summary>
    internal static Outcome Run(SyslogOptions options, Invocation invocation)
    {
        var diagnostics = new Diagnostics(options.Settings.Program);
        Outcome checkedDescriptors = CheckDescriptors(options.Settings.NotificationDescriptor, diagnostics);
        if (checkedDescriptors.Code != ExitCode.Success)
            return checkedDescriptors;
        if (options.TakesSockets)
        {
            Outcome taken = TakeSockets(ref options, ref invocation, diagnostics);
            if (taken.Code != ExitCode.Success)
                return taken;
        }
        if (!options.DatagramPath.IsNull || !options.StreamPath.IsNull)
            return Bind(options, invocation, diagnostics);
        if (!options.AddressText.IsNull)
        {
            Outcome bound = BindUdp(ref options, diagnostics);
            if (bound.Code != ExitCode.Success)
                return bound;
        }
        if (options.Privileges.IsGiven)
            return TakeIds(options, invocation);
        var sockets = new LogSockets();
        foreach (int descriptor in options.Descriptors)
        {
            Outcome added = Add(descriptor, ref sockets, diagnostics);
            if (added.Code != ExitCode.Success)
                return added;
        }
        return LogServer.Run(options.Settings, sockets, invocation);
    }

    private static Outcome CheckDescriptors(int notification, Diagnostics diagnostics)
    {
        if (!UserDescriptor.IsOpen(libc.STDOUT_FILENO))
            return Refuse(new Errno(libc.EBADF), "invalid stdout"u8, diagnostics);
        if (notification is > 0 and <= libc.STDERR_FILENO)
            return diagnostics.Fatal(ExitCode.Usage, "notification fd must be 3 or more"u8);
        if (notification > 0 && !UserDescriptor.IsOpen(notification))
            return Refuse(new Errno(libc.EBADF), "invalid notification fd"u8, diagnostics);
        return Outcome.Exit(ExitCode.Success);
    }

    /// <summary>Goes on as if the sockets of the service manager had been named with -f.</summary>
    private static Outcome TakeSockets(ref SyslogOptions options, ref Invocation invocation, Diagnostics diagnostics)
    {
        EnvironmentBlock environment = invocation.Environment;
        uint most = options.Settings.TakesAllKinds ? LogSockets.Most : 1u;
        Outcome outcome = ServiceManager.CountSockets(ref environment, most, out uint count, diagnostics);
        if (outcome.Code != ExitCode.Success)
            return outcome;
        invocation = invocation with { Environment = environment };
        for (int descriptor = ServiceManager.FirstSocket; count > 0; count--, descriptor++)
        {
            if (descriptor == options.Settings.NotificationDescriptor)
                return diagnostics.Fatal(ExitCode.Usage, "notification fd is a socket of LISTEN_FDS"u8);
            if (!options.TryAdd(descriptor))
                return diagnostics.Fatal(ExitCode.Usage, "too many sockets"u8);
        }
        return outcome;
    }

    private static Outcome Refuse(Errno error, ReadOnlySpan<byte> text, Diagnostics diagnostics)
    {
        _ = diagnostics.Fatal(error, text);
        return Outcome.Exit(ExitCode.Usage);
    }

    /// <summary>Becomes the binder for the next path; the socket will be standard input.</summary>
    private static Outcome Bind(SyslogOptions options, Invocation invocation, Diagnostics diagnostics)
    {
        // Moves a socket that is standard input now out of the way.
        foreach (ref int descriptor in options.Descriptors)
        {
            if (descriptor != libc.STDIN_FILENO)
                continue;
            descriptor = LibC.fcntl(libc.STDIN_FILENO, LibC.F_DUPFD_CLOEXEC, libc.STDERR_FILENO + 1);
            if (descriptor < 0)
                return diagnostics.Fatal(Errno.Last, "unable to move a socket"u8);
        }
        if (!options.TryAdd(libc.STDIN_FILENO))
            return diagnostics.Fatal(ExitCode.Usage, "too many sockets"u8);
        bool isDatagram = !options.DatagramPath.IsNull;
        var chain = new WordList(MostWordsInFront + PrivilegeOptions.MostWords + SyslogOptions.MostWords);
        chain.AddRole("s6-ipcserver-socketbinder"u8);
        chain.Add("-k"u8);
        chain.Add(isDatagram ? "-mb0"u8 : "-M"u8);
        chain.Add("--"u8);
        chain.Add(isDatagram ? options.DatagramPath : options.StreamPath);
        if (isDatagram)
            options.DatagramPath = null;
        else
            options.StreamPath = null;
        chain.AddRole(options.Settings.Program);
        options.AddTo(ref chain);
        options.Privileges.AddOptionsTo(ref chain);
        return Exec.Into(chain, invocation.Environment);
    }

    private static Outcome TakeIds(in SyslogOptions options, Invocation invocation)
    {
        var chain = new WordList(MostWordsInFront + PrivilegeOptions.MostWords + SyslogOptions.MostWords);
        options.Privileges.AddTo(ref chain);
        chain.AddRole(options.Settings.Program);
        options.AddTo(ref chain);
        return Exec.Into(chain, invocation.Environment);
    }

    private static Outcome BindUdp(ref SyslogOptions options, Diagnostics diagnostics)
    {
        SocketAddress address = options.Address.GetValueOrDefault();
        ReadOnlySpan<byte> shown = Bytes.OfC(options.AddressText);
        int socket = libc.socket(address.Family, libc.SOCK_DGRAM, 0);
        if (socket < 0)
            return diagnostics.Fatal(Errno.Last, "unable to create socket"u8);
        int size = UdpBuffer;
        if (libc.setsockopt(socket, libc.SOL_SOCKET, libc.SO_RCVBUFFORCE, &size, sizeof(int)) < 0)
            _ = libc.setsockopt(socket, libc.SOL_SOCKET, libc.SO_RCVBUF, &size, sizeof(int));
        Errno error = address.Bind(socket);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to bind socket to "u8, shown);
        options.AddressText = null;
        return options.TryAdd(socket) ? Outcome.Exit(ExitCode.Success) : diagnostics.Fatal(ExitCode.Usage, "too many sockets"u8);
    }

    /// <summary>Finds out the kind of a socket, and makes the kernel report credentials or lost datagrams.</summary>
    private static Outcome Add(int descriptor, ref LogSockets sockets, Diagnostics diagnostics)
    {
        ReadOnlySpan<byte> shown = Numbers.Decimal((ulong)descriptor, stackalloc byte[Numbers.LongestText]);
        int domain = SocketOption.Of(descriptor, libc.SO_DOMAIN);
        int type = SocketOption.Of(descriptor, libc.SO_TYPE);
        bool isLocal = domain == libc.AF_UNIX && type == libc.SOCK_DGRAM;
        bool isNetwork = domain is libc.AF_INET or libc.AF_INET6 && type == libc.SOCK_DGRAM;
        bool isListener = domain == libc.AF_UNIX && type == libc.SOCK_STREAM && SocketOption.Of(descriptor, libc.SO_ACCEPTCONN) == 1;
        if (!isLocal && !isNetwork && !isListener)
            return diagnostics.Fatal(ExitCode.Usage, "no socket that messages could come from: descriptor "u8, shown);
        int on = 1;
        int flags = LibC.fcntl(descriptor, LibC.F_GETFL, 0);
        bool isPrepared = flags >= 0
            && LibC.fcntl(descriptor, LibC.F_SETFL, flags | LibC.O_NONBLOCK) >= 0
            && LibC.fcntl(descriptor, LibC.F_SETFD, LibC.FD_CLOEXEC) >= 0
            && (isListener || libc.setsockopt(descriptor, libc.SOL_SOCKET, isLocal ? libc.SO_PASSCRED : libc.SO_RXQ_OVFL, &on, sizeof(int)) >= 0);
        if (!isPrepared)
            return diagnostics.Fatal(Errno.Last, "unable to prepare descriptor "u8, shown);
        _ = sockets.TryAdd(descriptor, isListener ? SourceKind.Listener : isLocal ? SourceKind.Local : SourceKind.Network);
        return Outcome.Exit(ExitCode.Success);
    }
}
