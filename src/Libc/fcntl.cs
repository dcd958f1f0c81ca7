namespace LocalService.Libc;

/// <summary>fcntl.h: the parts that are newer than the package, openat2(2) and the locks of open files.</summary>
internal static unsafe partial class libc
{
    public const int F_OFD_SETLK = 37;
    public const int F_OFD_SETLKW = 38;

    public const ulong RESOLVE_NO_MAGICLINKS = 2;
    public const ulong RESOLVE_BENEATH = 8;

    /// <summary>struct open_how of openat2(2).</summary>
    public struct open_how
    {
        public ulong flags;
        public ulong mode;
        public ulong resolve;
    }

    /// <summary>openat2(2).</summary>
    public static int openat2(int directory, byte* path, open_how* how) =>
        (int)syscall(SYS_openat2, directory, (nint)path, (nint)how, sizeof(open_how), 0, 0);
}
