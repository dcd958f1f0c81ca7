using LocalService.Libc;

namespace LocalService.Posix;

/// <summary>What the kernel says about a socket, socket(7).</summary>
internal static unsafe class SocketOption
{
    /// <summary>The value of a numeric SOL_SOCKET option, such as SO_DOMAIN; -1 when there is none, for example because it isn't a socket.</summary>
    internal static int Of(int socket, int option)
    {
        int value;
        uint size = sizeof(int);
        return libc.getsockopt(socket, libc.SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
    }
}
