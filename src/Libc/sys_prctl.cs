using System.Runtime.InteropServices;

namespace LocalService.Libc;

/// <summary>sys/prctl.h</summary>
internal static unsafe partial class libc
{
    public const int PR_GET_DUMPABLE = 3;
    public const int PR_SET_DUMPABLE = 4;
    public const int PR_SET_NAME = 15;
    public const int PR_SET_MM = 35;
    public const int PR_SET_MM_MAP = 14;
    public const int PR_CAP_AMBIENT = 47;
    public const int PR_CAP_AMBIENT_IS_SET = 1;

    /// <summary>struct prctl_mm_map, prctl(2), PR_SET_MM_MAP.</summary>
    public struct prctl_mm_map
    {
        public ulong start_code;
        public ulong end_code;
        public ulong start_data;
        public ulong end_data;
        public ulong start_brk;
        public ulong brk;
        public ulong start_stack;
        public ulong arg_start;
        public ulong arg_end;
        public ulong env_start;
        public ulong env_end;
        public ulong* auxv;
        public uint auxv_size;
        public uint exe_fd;
    }

    [DllImport("libc"), SuppressGCTransition] public static extern int prctl(int option, nint a, nint b, nint c, nint d);
}
