using System.Runtime.InteropServices;

namespace LocalService.Libc;

/// <summary>sys/uio.h</summary>
internal static unsafe partial class libc
{
    public struct iovec
    {
        public void* iov_base;
        public nuint iov_len;
    }

    public const int RWF_NOWAIT = 8;

    /// <summary>preadv2(2) at the current position of the file.</summary>
    public static nint preadv2(int fd, iovec* vector, int count, int flags) =>
        syscall(SYS_preadv2, fd, (nint)vector, count, -1, -1, flags);

    /// <summary>pwritev2(2) at the current position of the file.</summary>
    public static nint pwritev2(int fd, iovec* vector, int count, int flags) =>
        syscall(SYS_pwritev2, fd, (nint)vector, count, -1, -1, flags);
}
