using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Server;

/// <summary>Changes the owner of a socket file that this process has just made.</summary>
internal static unsafe class SocketOwner
{
    /// <summary>
    /// Changes owner and group. A user who may write in the directory could have replaced it with another file, or a link: so it is opened first, and
    /// checked.
    /// </summary>
    /// <param name="path">The path, as a C string. When something fails the file is removed.</param>
    /// <param name="owner">The new owner.</param>
    /// <param name="permissions">The permissions that it gets afterwards; null: it has them already.</param>
    /// <returns>EIDRM when it is no longer there; errors of chown(2), and of chmod(2), which needs /proc.</returns>
    internal static Errno Give(CString path, FileOwner owner, uint? permissions)
    {
        using var file = Descriptor.Open(LibC.AT_FDCWD, path, LibC.O_PATH | LibC.O_NOFOLLOW);
        if (file.Number < 0)
            return Errno.Last;
        Result<FileStatus> status = FileStatus.OfDescriptor(file.Number);
        if (status.Failed)
            return status.Error;
        if (!status.Value.IsSocket || status.Value.OwnerId != libc.geteuid() || status.Value.LinkCount != 1)
            return new Errno(libc.EIDRM);
        Errno error;
        fixed (byte* itself = "\0"u8)
            error = Errno.Of(libc.fchownat(file.Number, itself, owner.User, owner.Group, LibC.AT_EMPTY_PATH));
        if (!error.Failed && permissions.HasValue)
            error = SetPermissions(file.Number, permissions.GetValueOrDefault());
        if (error.Failed)
            _ = DirectoryEntry.Remove(LibC.AT_FDCWD, path);
        return error;
    }

    // chmod(2) can reach a file opened with O_PATH only by this name.
    private static Errno SetPermissions(int file, uint permissions)
    {
        fixed (byte* link = DescriptorPath.Of(file, stackalloc byte[DescriptorPath.BufferSize]))
            return Errno.Of(libc.fchmodat(LibC.AT_FDCWD, link, permissions, 0));
    }
}
