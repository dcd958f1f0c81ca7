using System.Runtime.InteropServices;

namespace LocalService.Libc;

/// <summary>grp.h</summary>
internal static unsafe partial class libc
{
    /// <summary>The kernel's limit on supplementary groups (limits.h, NGROUPS_MAX).</summary>
    public const int NGROUPS_MAX = 65536;

    [DllImport("libc"), SuppressGCTransition] public static extern int setgroups(nuint count, uint* list);
}
