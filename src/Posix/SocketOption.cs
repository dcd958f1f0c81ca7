using LocalService.Libc;

namespace LocalService.Posix;

/// <summary>What the kernel says about a socket, socket(7).</summary>
internal static unsafe class SocketOption
{
    /// <summary>The value of an option of SOL_SOCKET that is a number, such as SO_DOMAIN; -1 when there is none, because it isn't a socket for example.</summary>
    internal static int Of(int socket, int option)
    {
        int value;
        uint size = sizeof(int);
        return libc.getsockopt(socket, libc.SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
    }
}
