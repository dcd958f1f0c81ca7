using System.Runtime.InteropServices;

namespace LocalService.Libc;

/// <summary>sys/wait.h</summary>
internal static unsafe partial class libc
{
    public const int WNOHANG = 1;

    [DllImport("libc"), SuppressGCTransition] public static extern int waitpid(int pid, int* status, int options);
}
