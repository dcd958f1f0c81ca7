using System.Runtime.InteropServices;

namespace LocalService.Libc;

/// <summary>sys/stat.h. statx(2) is used for every question, since its layout is the same everywhere.</summary>
internal static unsafe partial class libc
{
    public const uint S_IFMT = 0xF000;
    public const uint S_IFSOCK = 0xC000;
    public const uint S_IFREG = 0x8000;
    public const uint S_IFDIR = 0x4000;
    public const uint S_IFCHR = 0x2000;
    public const uint S_IFIFO = 0x1000;
    public const uint S_IFLNK = 0xA000;

    public const uint STATX_BASIC_STATS = 0x7FF;

    public struct statx_timestamp
    {
        public long tv_sec;
        public uint tv_nsec;
        private readonly int reserved;
    }

    [StructLayout(LayoutKind.Sequential, Size = 256)]
    public struct statx_t
    {
        public uint stx_mask;
        public uint stx_blksize;
        public ulong stx_attributes;
        public uint stx_nlink;
        public uint stx_uid;
        public uint stx_gid;
        public ushort stx_mode;
        private readonly ushort spare0;
        public ulong stx_ino;
        public ulong stx_size;
        public ulong stx_blocks;
        public ulong stx_attributes_mask;
        public statx_timestamp stx_atime;
        public statx_timestamp stx_btime;
        public statx_timestamp stx_ctime;
        public statx_timestamp stx_mtime;
        public uint stx_rdev_major;
        public uint stx_rdev_minor;
        public uint stx_dev_major;
        public uint stx_dev_minor;
    }

    /// <summary>statx(2).</summary>
    public static int statx(int directory, byte* path, int flags, uint mask, statx_t* result) =>
        (int)syscall(SYS_statx, directory, (nint)path, flags, (nint)mask, (nint)result, 0);

    [DllImport("libc"), SuppressGCTransition] public static extern uint umask(uint mask);
    [DllImport("libc"), SuppressGCTransition] public static extern int mkdirat(int directory, byte* path, uint mode);
    [DllImport("libc"), SuppressGCTransition] public static extern int fchmod(int fd, uint mode);
}
