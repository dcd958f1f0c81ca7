using System.Runtime.InteropServices;

namespace LocalService.Libc;

/// <summary>sys/resource.h</summary>
internal static unsafe partial class libc
{
    public const int RLIMIT_NPROC = 6;
    public const int RLIMIT_NOFILE = 7;

    public struct rlimit
    {
        public ulong rlim_cur;
        public ulong rlim_max;
    }

    [DllImport("libc"), SuppressGCTransition] public static extern int getrlimit(int resource, rlimit* limit);
}
