using System.Runtime.InteropServices;

namespace LocalService.Libc;

/// <summary>sys/epoll.h</summary>
internal static unsafe partial class libc
{
    public const int EPOLL_CLOEXEC = 0x80000;
    public const int EPOLL_CTL_ADD = 1;
    public const int EPOLL_CTL_DEL = 2;
    public const int EPOLL_CTL_MOD = 3;
    public const uint EPOLLIN = 1;
    public const uint EPOLLOUT = 4;
    public const uint EPOLLONESHOT = 1u << 30;
    public const uint EPOLLEXCLUSIVE = 1u << 28;

    /// <summary>struct epoll_event, which is packed on x86-64 only.</summary>
#if TARGET_ARM64
    public struct epoll_event
#else
    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    public struct epoll_event
#endif
    {
        public uint events;
        public ulong data;
    }

    [DllImport("libc"), SuppressGCTransition] public static extern int epoll_create1(int flags);
    [DllImport("libc"), SuppressGCTransition] public static extern int epoll_ctl(int epoll, int operation, int fd, epoll_event* @event);
    [DllImport("libc"), SuppressGCTransition] public static extern int epoll_wait(int epoll, epoll_event* events, int count, int timeoutMilliseconds);
}
