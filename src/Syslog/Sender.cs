using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Syslog;

/// <summary>The sender of a message, as the kernel reports it.</summary>
internal readonly struct Sender
{
    private readonly libc.ucred credentials;
    private readonly SocketAddress address;

    private Sender(bool isLocal, libc.ucred credentials, SocketAddress address)
    {
        IsLocal = isLocal;
        this.credentials = credentials;
        this.address = address;
    }

    /// <summary>Whether it is a process of this machine, whose ids are known.</summary>
    internal bool IsLocal { get; }

    /// <summary>The process id, 0 when the kernel doesn't know it here.</summary>
    internal int ProcessId => credentials.pid;

    internal uint UserId => credentials.uid;

    internal uint GroupId => credentials.gid;

    /// <summary>Address and port of a sender in the network; of no meaning for others.</summary>
    internal SocketAddress Address => address;

    /// <summary>Whether it has sent over the network.</summary>
    internal bool IsRemote => address.Family != 0;

    internal static Sender Local(libc.ucred credentials) => new(true, credentials, default);

    internal static Sender Remote(SocketAddress address) => new(false, default, address);

    /// <summary>The process that has connected a Unix stream socket: SO_PEERCRED, unix(7).</summary>
    internal static unsafe Result<Sender> OfConnection(int socket)
    {
        libc.ucred peer;
        uint length = (uint)sizeof(libc.ucred);
        if (libc.getsockopt(socket, libc.SOL_SOCKET, libc.SO_PEERCRED, &peer, &length) < 0)
            return Errno.Last;
        return Local(peer);
    }
}
