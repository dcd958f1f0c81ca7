using System.Runtime.InteropServices;

namespace LocalService.Libc;

/// <summary>sys/syscall.h: numbers of the calls made without libc's wrapper, if it has one (x86-64; arm64 where it is the target).</summary>
internal static partial class libc
{
#if TARGET_ARM64
    public const int SYS_sendmsg = 211;
    public const int SYS_recvmsg = 212;
    public const int SYS_recvmmsg = 243;
    public const int SYS_newfstatat = 79;
    public const int SYS_fstat = 80;
    public const int SYS_preadv2 = 286;
    public const int SYS_pwritev2 = 287;
    public const int SYS_renameat2 = 276;
    public const int SYS_faccessat = 48;
    public const int SYS_faccessat2 = 439;
    public const int SYS_getrandom = 278;
    public const int SYS_setuid = 146;
    public const int SYS_setgid = 144;
    public const int SYS_setgroups = 159;
    public const int SYS_futex = 98;
    public const int SYS_timer_create = 107;
    public const int SYS_timer_gettime = 108;
    public const int SYS_timer_settime = 110;
    public const int SYS_gettid = 178;
    public const int SYS_tgkill = 131;
    public const int SYS_openat2 = 437;
#else
    public const int SYS_sendmsg = 46;
    public const int SYS_recvmsg = 47;
    public const int SYS_recvmmsg = 299;
    public const int SYS_newfstatat = 262;
    public const int SYS_fstat = 5;
    public const int SYS_preadv2 = 327;
    public const int SYS_pwritev2 = 328;
    public const int SYS_renameat2 = 316;
    public const int SYS_faccessat = 269;
    public const int SYS_faccessat2 = 439;
    public const int SYS_getrandom = 318;
    public const int SYS_setuid = 105;
    public const int SYS_setgid = 106;
    public const int SYS_setgroups = 116;
    public const int SYS_futex = 202;
    public const int SYS_timer_create = 222;
    public const int SYS_timer_gettime = 224;
    public const int SYS_timer_settime = 223;
    public const int SYS_gettid = 186;
    public const int SYS_tgkill = 234;
    public const int SYS_openat2 = 437;
#endif
}
