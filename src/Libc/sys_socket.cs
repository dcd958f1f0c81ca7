using System.Runtime.InteropServices;

namespace LocalService.Libc;

/// <summary>sys/socket.h, sys/un.h, and the parts of netinet/in.h, netinet/tcp.h and net/if.h that concern sockets.</summary>
internal static unsafe partial class libc
{
    public const int AF_UNIX = 1;
    public const int AF_INET = 2;
    public const int AF_INET6 = 10;
    public const int SOCK_STREAM = 1;
    public const int SOCK_DGRAM = 2;
    public const int SOCK_SEQPACKET = 5;
    public const int SOCK_CLOEXEC = 0x80000;
    public const int SOCK_NONBLOCK = 0x800;
    public const int SOL_SOCKET = 1;
    public const int SO_REUSEADDR = 2;
    public const int SO_TYPE = 3;
    public const int SO_ERROR = 4;
    public const int SO_RCVBUF = 8;
    public const int SO_KEEPALIVE = 9;
    public const int SO_REUSEPORT = 15;
    public const int SO_PASSCRED = 16;
    public const int SO_PEERCRED = 17;
    public const int SO_SNDTIMEO = 21;
    public const int SO_ACCEPTCONN = 30;
    public const int SO_PEERSEC = 31;
    public const int SO_RCVBUFFORCE = 33;
    public const int SO_DOMAIN = 39;
    public const int SO_RXQ_OVFL = 40;
    public const int SO_PEERGROUPS = 59;
    public const int SO_PEERPIDFD = 77;
    public const int SOMAXCONN = 4096;
    public const int IPPROTO_IP = 0;
    public const int IPPROTO_TCP = 6;
    public const int IPPROTO_IPV6 = 41;
    public const int IP_FREEBIND = 15;
    public const int IP_BIND_ADDRESS_NO_PORT = 24;
    public const int IPV6_V6ONLY = 26;
    public const int TCP_NODELAY = 1;
    public const int TCP_DEFER_ACCEPT = 9;
    public const int TCP_FASTOPEN = 23;
    public const int SHUT_RD = 0;
    public const int SHUT_WR = 1;
    public const int SHUT_RDWR = 2;
    public const int MSG_CTRUNC = 8;
    public const int MSG_TRUNC = 0x20;
    public const int MSG_DONTWAIT = 0x40;
    public const int MSG_NOSIGNAL = 0x4000;
    public const int MSG_CMSG_CLOEXEC = 0x40000000;
    public const int SCM_RIGHTS = 1;
    public const int SCM_CREDENTIALS = 2;

    /// <summary>struct sockaddr_un: the family, then up to 108 bytes of path, not necessarily NUL-terminated.</summary>
    public struct sockaddr_un
    {
        public const int PathCapacity = 108;

        public ushort sun_family;
        public fixed byte sun_path[PathCapacity];
    }

    /// <summary>struct sockaddr_in, ip(7): port and address with the most significant byte first.</summary>
    public struct sockaddr_in
    {
        public ushort sin_family;
        public fixed byte sin_port[2];
        public fixed byte sin_addr[4];
        public fixed byte sin_zero[8];
    }

    /// <summary>struct sockaddr_in6, ipv6(7): port and address with the most significant byte first.</summary>
    public struct sockaddr_in6
    {
        public ushort sin6_family;
        public fixed byte sin6_port[2];
        public fixed byte sin6_flowinfo[4];
        public fixed byte sin6_addr[16];
        public uint sin6_scope_id;
    }

    /// <summary>struct ucred, unix(7).</summary>
    public struct ucred
    {
        public int pid;
        public uint uid;
        public uint gid;
    }

    /// <summary>struct msghdr of recvmsg(2), in the kernel's layout.</summary>
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

    /// <summary>struct mmsghdr of recvmmsg(2).</summary>
    public struct mmsghdr
    {
        public msghdr msg_hdr;
        public uint msg_len;
    }

    /// <summary>struct cmsghdr of cmsg(3), in the kernel's layout. The data follow it.</summary>
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
    [DllImport("libc"), SuppressGCTransition] public static extern int getpeername(int fd, void* address, uint* length);
    [DllImport("libc"), SuppressGCTransition] public static extern int getsockopt(int fd, int level, int name, void* value, uint* length);
    [DllImport("libc"), SuppressGCTransition] public static extern int setsockopt(int fd, int level, int name, void* value, uint length);
    [DllImport("libc"), SuppressGCTransition] public static extern nint recv(int fd, void* buffer, nuint length, int flags);
    [DllImport("libc"), SuppressGCTransition] public static extern nint send(int fd, void* buffer, nuint length, int flags);

    [DllImport("libc"), SuppressGCTransition] public static extern uint if_nametoindex(byte* name);

    /// <summary>recvmsg(2).</summary>
    public static nint recvmsg(int fd, msghdr* message, int flags) => syscall(SYS_recvmsg, fd, (nint)message, flags, 0, 0, 0);

    /// <summary>recvmmsg(2).</summary>
    public static int recvmmsg(int fd, mmsghdr* messages, uint count, int flags, timespec* timeout) =>
        (int)syscall(SYS_recvmmsg, fd, (nint)messages, (nint)count, flags, (nint)timeout, 0);

    /// <summary>sendmsg(2). musl's wrapper has no room for 253 descriptors.</summary>
    public static nint sendmsg(int fd, msghdr* message, int flags) => syscall(SYS_sendmsg, fd, (nint)message, flags, 0, 0, 0);
}
