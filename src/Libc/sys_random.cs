namespace LocalService.Libc;

/// <summary>sys/random.h</summary>
internal static unsafe partial class libc
{
    /// <summary>getrandom(2), which Linux has since 3.17.</summary>
    public static nint getrandom(void* buffer, nuint size, uint flags) => syscall(SYS_getrandom, (nint)buffer, (nint)size, (nint)flags, 0, 0, 0);
}
