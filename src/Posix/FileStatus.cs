using LocalService.Libc;

namespace LocalService.Posix;

/// <summary>What is known of a file: statx(2).</summary>
internal readonly unsafe struct FileStatus
{
    private readonly libc.statx_t status;

    private FileStatus(libc.statx_t status) => this.status = status;

    /// <summary>Kind and permissions, inode(7).</summary>
    internal uint Mode => status.stx_mode;

    /// <summary>Size in bytes.</summary>
    internal ulong Size => status.stx_size;

    internal bool IsSocket => IsKind(libc.S_IFSOCK);
    internal bool IsDirectory => IsKind(libc.S_IFDIR);
    internal bool IsRegular => IsKind(libc.S_IFREG);
    internal bool IsSymbolicLink => IsKind(libc.S_IFLNK);
    internal bool IsFifo => IsKind(libc.S_IFIFO);

    /// <summary>Whether it is /dev/ptmx, each opening of which makes another pseudo-terminal: pts(4).</summary>
    internal bool IsPseudoTerminalMultiplexer => IsKind(libc.S_IFCHR) && status.stx_rdev_major == 5 && status.stx_rdev_minor == 2;

    /// <summary>The file that a path leads to, symbolic links followed.</summary>
    internal static Result<FileStatus> Of(byte* path) => Of(libc.AT_FDCWD, path, 0);

    /// <summary>The file that stands at a path, which may be a symbolic link.</summary>
    internal static Result<FileStatus> OfLink(byte* path) => OfLink(libc.AT_FDCWD, path);

    /// <summary>The same, for a path that starts from an open directory.</summary>
    internal static Result<FileStatus> OfLink(int directory, byte* path) => Of(directory, path, libc.AT_SYMLINK_NOFOLLOW);

    /// <summary>An open file.</summary>
    internal static Result<FileStatus> OfDescriptor(int descriptor)
    {
        fixed (byte* empty = "\0"u8)
            return Of(descriptor, empty, libc.AT_EMPTY_PATH);
    }

    /// <summary>Whether both are the same file: same device, same inode.</summary>
    internal bool IsSameFileAs(FileStatus other) =>
        status.stx_ino == other.status.stx_ino
        && status.stx_dev_major == other.status.stx_dev_major
        && status.stx_dev_minor == other.status.stx_dev_minor;

    private static Result<FileStatus> Of(int directory, byte* path, int flags)
    {
        libc.statx_t status;
        if (libc.statx(directory, path, flags, libc.STATX_BASIC_STATS, &status) < 0)
            return Errno.Last;
        return new FileStatus(status);
    }

    private bool IsKind(uint kind) => (status.stx_mode & libc.S_IFMT) == kind;
}
