namespace LocalService.Libc;

/// <summary>grp.h</summary>
internal static unsafe partial class libc
{
    /// <summary>The kernel's limit on supplementary groups (limits.h, NGROUPS_MAX).</summary>
    public const int NGROUPS_MAX = 65536;

    /// <summary>setgroups(2) of the calling thread; see <see cref="setuid"/>.</summary>
    public static int setgroups(nuint count, uint* list) => (int)syscall(SYS_setgroups, (nint)count, (nint)list, 0, 0, 0, 0);
}
