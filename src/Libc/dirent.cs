using System.Runtime.InteropServices;

namespace LocalService.Libc;

/// <summary>dirent.h: getdents64(2), which needs no allocation, instead of opendir(3).</summary>
internal static unsafe partial class libc
{
    /// <summary>The fixed part of struct linux_dirent64; the NUL-terminated name follows at offset 19.</summary>
    [StructLayout(LayoutKind.Explicit)]
    public struct dirent64
    {
        public const int NameOffset = 19;

        [FieldOffset(0)] public ulong d_ino;
        [FieldOffset(8)] public long d_off;
        [FieldOffset(16)] public ushort d_reclen;
        [FieldOffset(18)] public byte d_type;
    }

    public const byte DT_UNKNOWN = 0;
    public const byte DT_FIFO = 1;

    [DllImport("libc"), SuppressGCTransition] public static extern nint getdents64(int fd, void* buffer, nuint size);
}
