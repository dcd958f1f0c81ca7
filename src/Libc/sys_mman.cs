using System.Runtime.InteropServices;

namespace LocalService.Libc;

/// <summary>sys/mman.h</summary>
internal static unsafe partial class libc
{
    public const int PROT_READ = 1;
    public const int PROT_WRITE = 2;
    public const int MAP_PRIVATE = 2;
    public const int MAP_ANONYMOUS = 0x20;
    public const nint MAP_FAILED = -1;
    public const int MREMAP_MAYMOVE = 1;
    public const int MADV_RANDOM = 1;
    public const int MADV_DONTNEED = 4;

    [DllImport("libc"), SuppressGCTransition] public static extern void* mmap(void* address, nuint length, int protection, int flags, int fd, long offset);
    [DllImport("libc"), SuppressGCTransition] public static extern void* mremap(void* address, nuint oldLength, nuint newLength, int flags);
    [DllImport("libc"), SuppressGCTransition] public static extern int madvise(void* address, nuint length, int advice);
    [DllImport("libc"), SuppressGCTransition] public static extern int munmap(void* address, nuint length);
}
