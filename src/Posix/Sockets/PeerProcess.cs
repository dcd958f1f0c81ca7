using System;
using LocalService.Errors;
using LocalService.Libc;

namespace LocalService.Posix;

/// <summary>The process that called connect(2), as a descriptor: unlike its id, this never refers to another process, pidfd_open(2).</summary>
internal static unsafe class PeerProcess
{
    /// <summary>The call that asks for it, in messages.</summary>
    internal static ReadOnlySpan<byte> Call => "getsockopt SO_PEERPIDFD"u8;

    /// <summary>
    /// Opens it for the next program: it isn't close-on-exec. ENOPROTOOPT before Linux 6.5; also an error when the process is gone and the kernel
    /// keeps no record of it.
    /// </summary>
    internal static Result<int> Open(int socket)
    {
        int opened;
        uint size = sizeof(int);
        if (libc.getsockopt(socket, libc.SOL_SOCKET, libc.SO_PEERPIDFD, &opened, &size) < 0)
            return Errno.Last;
        using var process = new Descriptor(opened);
        return LibC.fcntl(opened, LibC.F_SETFD, 0) < 0 ? Errno.Last : process.Release();
    }
}
