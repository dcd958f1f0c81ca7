using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;

namespace LocalService.Posix;

/// <summary>The status of a file: stat(2).</summary>
internal readonly unsafe struct FileStatus
{
    // Major number 5, minor number 2, as makedev(3) puts them together.
    private const ulong MultiplexerDevice = 0x502;

    private readonly libc.stat status;

    private FileStatus(libc.stat status) => this.status = status;

    /// <summary>Kind and permissions, inode(7).</summary>
    internal uint Mode => status.st_mode;

    /// <summary>The user that it belongs to.</summary>
    internal uint Owner => status.st_uid;

    /// <summary>Size in bytes.</summary>
    internal ulong Size => (ulong)status.st_size;

    /// <summary>The device that its file system is on, as makedev(3) puts it together.</summary>
    internal ulong Device => status.st_dev;

    /// <summary>The number of the file in its file system.</summary>
    internal ulong Inode => status.st_ino;

    /// <summary>The uid of its owner.</summary>
    internal uint OwnerId => status.st_uid;

    /// <summary>How many names it has; 0 when the last one was removed.</summary>
    internal ulong LinkCount => status.st_nlink;

    internal bool IsSocket => IsKind(libc.S_IFSOCK);
    internal bool IsDirectory => IsKind(libc.S_IFDIR);
    internal bool IsRegular => IsKind(libc.S_IFREG);
    internal bool IsSymbolicLink => IsKind(libc.S_IFLNK);
    internal bool IsFifo => IsKind(libc.S_IFIFO);

    /// <summary>Whether it is /dev/ptmx, each opening of which makes another pseudo-terminal: pts(4).</summary>
    internal bool IsPseudoTerminalMultiplexer => IsKind(libc.S_IFCHR) && status.st_rdev == MultiplexerDevice;

    /// <summary>The file that a path leads to, symbolic links followed.</summary>
    internal static Result<FileStatus> Of(CString path) => Of(LibC.AT_FDCWD, path, 0);

    /// <summary>The same, for a path that starts from an open directory.</summary>
    internal static Result<FileStatus> Of(int directory, CString path) => Of(directory, path, 0);

    /// <summary>The file at a path itself, which may be a symbolic link.</summary>
    internal static Result<FileStatus> OfLink(CString path) => OfLink(LibC.AT_FDCWD, path);

    /// <summary>The same, for a path that starts from an open directory.</summary>
    internal static Result<FileStatus> OfLink(int directory, CString path) => Of(directory, path, LibC.AT_SYMLINK_NOFOLLOW);

    /// <summary>An open file.</summary>
    internal static Result<FileStatus> OfDescriptor(int descriptor)
    {
        libc.stat status;
        int result;
        do
            result = libc.fstat(descriptor, &status);
        while (Errno.Interrupted(result));
        return result < 0 ? Errno.Last : new FileStatus(status);
    }

    /// <summary>
    /// An open file, without asking the server of its file system, which may be a process that never answers. EINVAL before Linux 4.11.
    /// </summary>
    internal static Result<FileStatus> OfForeign(int descriptor)
    {
        fixed (byte* empty = "\0"u8)
            return Of(descriptor, empty, LibC.AT_EMPTY_PATH | libc.AT_STATX_DONT_SYNC);
    }

    /// <summary>
    /// Whether the kernel closes the file without asking FUSE or a network, so that nothing but SO_LINGER can delay the close: sockets, pipes, the
    /// memory devices and terminals of a session (null(4), pts(4)), and files on a block device.
    /// </summary>
    internal bool IsClosedHere => (status.st_mode & libc.S_IFMT) switch
    {
        libc.S_IFSOCK or libc.S_IFIFO => true,
        libc.S_IFCHR => MajorOf(status.st_rdev) is 1 or (>= 136 and <= 143),
        libc.S_IFREG or libc.S_IFDIR => MajorOf(status.st_dev) != 0,
        _ => false,
    };

    /// <summary>Whether both are the same file: same device, same inode.</summary>
    internal bool IsSameFileAs(FileStatus other) => status.st_ino == other.status.st_ino && status.st_dev == other.status.st_dev;

    /// <summary>Whether nothing shows that the file has changed since: it is the same file, with the same size and times.</summary>
    internal bool IsUnchangedSince(FileStatus earlier) =>
        IsSameFileAs(earlier) && Size == earlier.Size && Compare(status.st_mtim, earlier.status.st_mtim) == 0
        && Compare(status.st_ctim, earlier.status.st_ctim) == 0;

    /// <summary>Whether the content was written later than that of another file.</summary>
    internal bool IsNewerThan(FileStatus other) => Compare(status.st_mtim, other.status.st_mtim) > 0;

    private static int Compare(libc.timespec left, libc.timespec right)
    {
        if (left.tv_sec != right.tv_sec)
            return left.tv_sec < right.tv_sec ? -1 : 1;
        return left.tv_nsec == right.tv_nsec ? 0 : left.tv_nsec < right.tv_nsec ? -1 : 1;
    }

    private static Result<FileStatus> Of(int directory, CString path, int flags)
    {
        libc.stat status;
        int result;
        do
            result = libc.fstatat(directory, path, &status, flags);
        while (Errno.Interrupted(result));
        return result < 0 ? Errno.Last : new FileStatus(status);
    }

    private bool IsKind(uint kind) => (status.st_mode & libc.S_IFMT) == kind;

    /// <summary>The major number of a device, as makedev(3) puts it in; 0 for file systems that are on none.</summary>
    private static ulong MajorOf(ulong device) => ((device >> 8) & 0xfff) | ((device >> 32) & ~0xffful);
}
