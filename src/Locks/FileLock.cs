using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Locks;

/// <summary>
/// A lock of a whole file, fcntl(2). A lock of the process survives execve(2), isn't inherited by children, and is gone when the process closes any
/// descriptor of the file. A lock of the open file (Linux 3.15) belongs to every process that has the descriptor. Both exclude each other.
/// </summary>
/// <param name="file">The descriptor: open for writing for an exclusive lock, else for reading.</param>
/// <param name="exclusive">Whether nobody else may have one.</param>
/// <param name="ofOpenFile">Whether it belongs to the open file.</param>
internal readonly unsafe struct FileLock(int file, bool exclusive, bool ofOpenFile)
{
    /// <summary>Takes it if it is free. EAGAIN or EACCES when it isn't; see <see cref="IsBusy"/>.</summary>
    internal Errno TryTake() => Take(ofOpenFile ? libc.F_OFD_SETLK : LibC.F_SETLK);

    /// <summary>Waits until it is free. EINTR when a signal came that has a handler.</summary>
    internal Errno Await() => Take(ofOpenFile ? libc.F_OFD_SETLKW : LibC.F_SETLKW);

    /// <summary>Whether an error of <see cref="TryTake"/> means that somebody else has the lock.</summary>
    internal static bool IsBusy(Errno error) => error.Number is libc.EAGAIN or libc.EACCES;

    private Errno Take(int command)
    {
        var whole = new flock { l_type = (short)(exclusive ? LibC.F_WRLCK : LibC.F_RDLCK) };
        return Errno.Of(LibC.fcntl(file, command, &whole));
    }
}
