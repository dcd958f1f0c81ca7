using System.Runtime.InteropServices;

namespace LocalService.Libc;

/// <summary>fcntl.h</summary>
internal static unsafe partial class libc
{
    public const int O_RDONLY = 0;
    public const int O_WRONLY = 1;
    public const int O_RDWR = 2;
    public const int O_ACCMODE = 3;
    public const int O_CREAT = 0x40;
    public const int O_EXCL = 0x80;
    public const int O_NOCTTY = 0x100;
    public const int O_TRUNC = 0x200;
    public const int O_NONBLOCK = 0x800;
    public const int O_CLOEXEC = 0x80000;
    public const int O_PATH = 0x200000;
#if TARGET_ARM64
    public const int O_DIRECTORY = 0x4000;
    public const int O_NOFOLLOW = 0x8000;
#else
    public const int O_DIRECTORY = 0x10000;
    public const int O_NOFOLLOW = 0x20000;
#endif

    public const int AT_FDCWD = -100;
    public const int AT_SYMLINK_NOFOLLOW = 0x100;
    public const int AT_REMOVEDIR = 0x200;
    public const int AT_EACCESS = 0x200;
    public const int AT_EMPTY_PATH = 0x1000;

    public const int F_GETFD = 1;
    public const int F_SETFD = 2;
    public const int F_GETFL = 3;
    public const int F_SETFL = 4;
    public const int F_SETLK = 6;
    public const int F_DUPFD_CLOEXEC = 1030;
    public const int FD_CLOEXEC = 1;
    public const short F_WRLCK = 1;

    /// <summary>struct flock, 64-bit layout.</summary>
    public struct flock
    {
        public short l_type;
        public short l_whence;
        public long l_start;
        public long l_len;
        public int l_pid;
    }

    [DllImport("libc"), SuppressGCTransition] public static extern int open(byte* path, int flags, uint mode);
    [DllImport("libc"), SuppressGCTransition] public static extern int openat(int directory, byte* path, int flags, uint mode);
    [DllImport("libc"), SuppressGCTransition] public static extern int fcntl(int fd, int command, nint argument);
    [DllImport("libc"), SuppressGCTransition] public static extern nint splice(int fdIn, long* offsetIn, int fdOut, long* offsetOut, nuint length, uint flags);

    public const uint SPLICE_F_MOVE = 1;
    public const uint SPLICE_F_NONBLOCK = 2;
}
