using System.Runtime.InteropServices;

namespace LocalService.Libc;

/// <summary>poll.h</summary>
internal static unsafe partial class libc
{
    public const short POLLIN = 1;
    public const short POLLOUT = 4;
    public const short POLLERR = 8;
    public const short POLLHUP = 16;
    public const short POLLNVAL = 32;

    public struct pollfd
    {
        public int fd;
        public short events;
        public short revents;
    }

    [DllImport("libc"), SuppressGCTransition] public static extern int poll(pollfd* fds, nuint count, int timeoutMilliseconds);
}
