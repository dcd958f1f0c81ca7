using LocalService.Errors;
using LocalService.Libc;

namespace LocalService.Posix;

/// <summary>The credentials of a connection's peer: the effective ids, and the process, of the client when it called connect(2).</summary>
internal readonly struct PeerCredentials(uint userId, uint groupId)
{
    internal uint UserId { get; } = userId;
    internal uint GroupId { get; } = groupId;

    /// <summary>
    /// The process id, which may belong to another process by now; 0 for this process, and for one that can't be seen from this PID namespace.
    /// </summary>
    internal int ProcessId { get; private init; }

    /// <summary>The effective ids of this process: its credentials as a client.</summary>
    internal static PeerCredentials OfThisProcess => new(libc.geteuid(), libc.getegid());

    // The complement of both ids, in one word that threads can read and write; 0, which no pair of ids gives, until they are first read.
    private static ulong ofThisProcess;

    /// <summary>The same for a process that no longer changes its ids: it asks the kernel once.</summary>
    internal static PeerCredentials OfThisProcessForGood
    {
        get
        {
            ulong known = ofThisProcess;
            if (known == 0)
            {
                PeerCredentials ids = OfThisProcess;
                known = ~((ulong)ids.UserId << 32 | ids.GroupId);
                ofThisProcess = known;
            }
            return new PeerCredentials((uint)(~known >> 32), (uint)~known);
        }
    }

    /// <summary>Asks the kernel, which vouches for the answer: SO_PEERCRED, unix(7).</summary>
    internal static unsafe Result<PeerCredentials> Of(int socket)
    {
        libc.ucred credentials;
        uint length = (uint)sizeof(libc.ucred);
        if (libc.getsockopt(socket, libc.SOL_SOCKET, libc.SO_PEERCRED, &credentials, &length) < 0)
            return Errno.Last;
        // The id that no user has: the kernel gives it where it doesn't know the id, credentials(7).
        if (credentials.uid == uint.MaxValue)
            return new Errno(libc.EINVAL);
        return new PeerCredentials(credentials.uid, credentials.gid) { ProcessId = credentials.pid };
    }
}
