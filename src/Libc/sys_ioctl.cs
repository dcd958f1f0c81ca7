using System.Runtime.InteropServices;

namespace LocalService.Libc;

/// <summary>sys/ioctl.h</summary>
internal static unsafe partial class libc
{
    public const int FIONREAD = 0x541B;

    [DllImport("libc"), SuppressGCTransition] public static extern int ioctl(int fd, int request, void* argument);
}
