using System.Runtime.InteropServices;

namespace LocalService.Libc;

/// <summary>
/// sys/stat.h. fstatat(2) and fstat(2) are direct system calls: unlike statx(2) they exist in every supported version of Linux, and filters
/// of system calls know them.
/// </summary>
internal static unsafe partial class libc
{
    public const uint S_IFMT = 0xF000;
    public const uint S_IFSOCK = 0xC000;
    public const uint S_IFREG = 0x8000;
    public const uint S_IFDIR = 0x4000;
    public const uint S_IFCHR = 0x2000;
    public const uint S_IFIFO = 0x1000;
    public const uint S_IFLNK = 0xA000;

    /// <summary>Cached attributes only: doesn't ask a file system whose files are on another machine.</summary>
    public const int AT_STATX_DONT_SYNC = 0x4000;

    /// <summary>struct stat, in the kernel's layout.</summary>
#if TARGET_ARM64
    [StructLayout(LayoutKind.Sequential, Size = 128)]
    public struct stat
    {
        public ulong st_dev;
        public ulong st_ino;
        public uint st_mode;
        public uint st_nlink;
        public uint st_uid;
        public uint st_gid;
        public ulong st_rdev;
        private readonly ulong pad1;
        public long st_size;
        private readonly ulong blockSize;
        private readonly ulong blocks;
        public timespec st_atim;
        public timespec st_mtim;
        public timespec st_ctim;
    }
#else
    [StructLayout(LayoutKind.Sequential, Size = 144)]
    public struct stat
    {
        public ulong st_dev;
        public ulong st_ino;
        public ulong st_nlink;
        public uint st_mode;
        public uint st_uid;
        public uint st_gid;
        private readonly uint pad0;
        public ulong st_rdev;
        public long st_size;
        private readonly ulong blockSize;
        private readonly ulong blocks;
        public timespec st_atim;
        public timespec st_mtim;
        public timespec st_ctim;
    }
#endif

    /// <summary>fstatat(2).</summary>
    public static int fstatat(int directory, byte* path, stat* result, int flags) =>
        (int)syscall(SYS_newfstatat, directory, (nint)path, (nint)result, flags, 0, 0);

    /// <summary>fstat(2).</summary>
    public static int fstat(int fd, stat* result) => (int)syscall(SYS_fstat, fd, (nint)result, 0, 0, 0, 0);

    [DllImport("libc"), SuppressGCTransition] public static extern uint umask(uint mask);
    [DllImport("libc"), SuppressGCTransition] public static extern int mkdirat(int directory, byte* path, uint mode);
    [DllImport("libc"), SuppressGCTransition] public static extern int fchmodat(int directory, byte* path, uint mode, int flags);
    [DllImport("libc"), SuppressGCTransition] public static extern int mkfifoat(int directory, byte* path, uint mode);
    [DllImport("libc"), SuppressGCTransition] public static extern int fchmod(int fd, uint mode);
}
