using System.Runtime.InteropServices;

namespace LocalService.Libc;

/// <summary>sys/wait.h</summary>
internal static unsafe partial class libc
{
    public const int WNOHANG = 1;

    /// <summary>Only children of the calling thread.</summary>
    public const int WNOTHREAD = 0x20000000;

    /// <summary>Also children whose end sends no signal.</summary>
    public const int WALL = 0x40000000;

    [DllImport("libc"), SuppressGCTransition] public static extern int waitpid(int pid, int* status, int options);
}
