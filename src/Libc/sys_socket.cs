using System.Runtime.InteropServices;

namespace LocalService.Libc;

/// <summary>sys/socket.h and sys/un.h.</summary>
internal static unsafe partial class libc
{
    public const int AF_UNIX = 1;
    public const int SOCK_STREAM = 1;
    public const int SOCK_DGRAM = 2;
    public const int SOCK_CLOEXEC = 0x80000;
    public const int SOCK_NONBLOCK = 0x800;
    public const int SOL_SOCKET = 1;
    public const int SO_TYPE = 3;
    public const int SO_PEERCRED = 17;
    public const int SO_SNDTIMEO = 21;
    public const int SO_ACCEPTCONN = 30;
    public const int SO_DOMAIN = 39;
    public const int SOMAXCONN = 4096;
    public const int SHUT_RD = 0;
    public const int SHUT_WR = 1;
    public const int MSG_CTRUNC = 8;
    public const int MSG_DONTWAIT = 0x40;
    public const int MSG_NOSIGNAL = 0x4000;
    public const int MSG_CMSG_CLOEXEC = 0x40000000;
    public const int SCM_RIGHTS = 1;

    /// <summary>struct sockaddr_un: the family, then up to 108 bytes of path, not necessarily ended by NUL.</summary>
    public struct sockaddr_un
    {
        public const int PathCapacity = 108;

        public ushort sun_family;
        public fixed byte sun_path[PathCapacity];
    }

    /// <summary>struct ucred, unix(7).</summary>
    public struct ucred
    {
        public int pid;
        public uint uid;
        public uint gid;
    }

    /// <summary>struct msghdr of recvmsg(2), as the kernel has it.</summary>
    public struct msghdr
    {
        public void* msg_name;
        public uint msg_namelen;
        public iovec* msg_iov;
        public nuint msg_iovlen;
        public void* msg_control;
        public nuint msg_controllen;
        public int msg_flags;
    }

    /// <summary>struct cmsghdr of cmsg(3), as the kernel has it. The data follow it.</summary>
    public struct cmsghdr
    {
        public nuint cmsg_len;
        public int cmsg_level;
        public int cmsg_type;
    }

    [DllImport("libc"), SuppressGCTransition] public static extern int socket(int domain, int type, int protocol);
    [DllImport("libc"), SuppressGCTransition] public static extern int bind(int fd, void* address, uint length);
    [DllImport("libc"), SuppressGCTransition] public static extern int listen(int fd, int backlog);
    [DllImport("libc"), SuppressGCTransition] public static extern int accept4(int fd, void* address, uint* length, int flags);
    [DllImport("libc"), SuppressGCTransition] public static extern int connect(int fd, void* address, uint length);
    [DllImport("libc"), SuppressGCTransition] public static extern int shutdown(int fd, int how);
    [DllImport("libc"), SuppressGCTransition] public static extern int getsockname(int fd, void* address, uint* length);
    [DllImport("libc"), SuppressGCTransition] public static extern int getsockopt(int fd, int level, int name, void* value, uint* length);
    [DllImport("libc"), SuppressGCTransition] public static extern int setsockopt(int fd, int level, int name, void* value, uint length);
    [DllImport("libc"), SuppressGCTransition] public static extern nint recv(int fd, void* buffer, nuint length, int flags);
    [DllImport("libc"), SuppressGCTransition] public static extern nint send(int fd, void* buffer, nuint length, int flags);

    /// <summary>recvmsg(2).</summary>
    public static nint recvmsg(int fd, msghdr* message, int flags) => syscall(SYS_recvmsg, fd, (nint)message, flags, 0, 0, 0);

    /// <summary>sendmsg(2). musl's own has no room for 253 descriptors.</summary>
    public static nint sendmsg(int fd, msghdr* message, int flags) => syscall(SYS_sendmsg, fd, (nint)message, flags, 0, 0, 0);
}
