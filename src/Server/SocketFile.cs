using System;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Server;

/// <summary>The file that a server's socket has in the file system, and how an old one gives way to a new one.</summary>
internal static unsafe class SocketFile
{
    /// <summary>All the permissions that a socket file can have, 0777.</summary>
    internal const uint AllPermissions = 0x1FF;

    // For new lock files: 0600, whatever the umask of the caller and the permissions of the socket are (decision 5).
    private const uint LockPermissions = 0x180;

    /// <summary>
    /// Binds a socket, with exactly the given permissions. The umask of the process is put back before this returns.
    /// </summary>
    /// <param name="socket">The socket.</param>
    /// <param name="address">The address of <paramref name="path"/>.</param>
    /// <param name="path">The path, or an abstract name, which has neither a file nor a lock.</param>
    /// <param name="permissions">Permissions of the socket file; only <see cref="AllPermissions"/> of them count.</param>
    /// <param name="replace">
    /// Whether a socket that is already there is removed, under a lock on <c>PATH.lock</c> that lasts until the new one is bound: EBUSY
    /// when someone else has it, EADDRINUSE for anything that isn't a socket.
    /// </param>
    internal static Errno Bind(int socket, UnixAddress address, ReadOnlySpan<byte> path, uint permissions, bool replace)
    {
        byte* name = Arena.CString(path);
        uint callersMask = libc.umask(AllPermissions & ~LockPermissions);
        Errno error;
        if (replace && !address.IsAbstract)
        {
            using var lockFile = new Descriptor(OpenLock(name, path, out error));
            error = error.Failed ? error : TakeLock(lockFile.Number);
            error = error.Failed ? error : RemoveSocket(name);
            error = error.Failed ? error : BindWith(socket, address, permissions);
        }
        else
        {
            error = BindWith(socket, address, permissions);
        }
        _ = libc.umask(callersMask);
        return error;
    }

    private static Errno BindWith(int socket, UnixAddress address, uint permissions)
    {
        _ = libc.umask(AllPermissions & ~permissions);
        return address.Bind(socket);
    }

    /// <summary>Opens the lock file, or makes it. What it holds doesn't matter and stays.</summary>
    private static int OpenLock(byte* name, ReadOnlySpan<byte> path, out Errno error)
    {
        error = CheckReplaceable(name);
        if (error.Failed)
            return -1;
        byte* lockName = Arena.CString(path, ".lock"u8);
        int descriptor = libc.open(lockName, libc.O_WRONLY | libc.O_CREAT | libc.O_NONBLOCK | libc.O_CLOEXEC | libc.O_NOCTTY, LockPermissions);
        error = Errno.Of(descriptor);
        return descriptor;
    }

    private static Errno TakeLock(int descriptor)
    {
        var request = new libc.flock { l_type = libc.F_WRLCK };
        Errno error = Errno.Of(libc.fcntl(descriptor, libc.F_SETLK, (nint)(&request)));
        return error.Is(libc.EAGAIN) || error.Is(libc.EACCES) ? new Errno(libc.EBUSY) : error;
    }

    /// <summary>Nothing is touched, not even the lock file made, when what is at the path could not be removed anyway.</summary>
    private static Errno CheckReplaceable(byte* name)
    {
        Result<FileStatus> status = FileStatus.OfLink(name);
        if (status.Failed)
            return status.Error.Is(libc.ENOENT) ? default : status.Error;
        return status.Value.IsSocket ? default : new Errno(libc.EADDRINUSE);
    }

    private static Errno RemoveSocket(byte* name)
    {
        // Looked at again: only under the lock does it stay what it is.
        Errno error = CheckReplaceable(name);
        if (error.Failed)
            return error;
        // A failure shows in bind(2), which says what a user can do something about.
        _ = libc.unlinkat(libc.AT_FDCWD, name, 0);
        return default;
    }
}
