using System.Runtime.InteropServices;

namespace LocalService.Libc;

/// <summary>sys/signalfd.h</summary>
internal static unsafe partial class libc
{
    public const int SFD_CLOEXEC = 0x80000;
    public const int SFD_NONBLOCK = 0x800;

    [StructLayout(LayoutKind.Sequential, Size = 128)]
    public struct signalfd_siginfo
    {
        public uint ssi_signo;
        public int ssi_errno;
        public int ssi_code;
        public uint ssi_pid;
        public uint ssi_uid;
    }

    [DllImport("libc"), SuppressGCTransition] public static extern int signalfd(int fd, sigset_t* mask, int flags);
}
