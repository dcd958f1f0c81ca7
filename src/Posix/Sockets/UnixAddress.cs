using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;

namespace LocalService.Posix;

/// <summary>
/// The address of a Unix domain socket, unix(7): a path of at most 107 bytes, or, written <c>@name</c>, an abstract name.
/// </summary>
internal unsafe struct UnixAddress
{
    /// <summary>The longest path, in bytes, without the NUL that ends it.</summary>
    internal const int LongestPath = libc.sockaddr_un.PathCapacity - 1;

    private const int PathOffset = 2;

    private libc.sockaddr_un address;
    private uint length;

    /// <summary>The bytes of the structure that are in use.</summary>
    internal readonly uint Length => length;

    /// <summary>Whether the name lives in the abstract namespace and not in the file system.</summary>
    internal bool IsAbstract => length > PathOffset && address.sun_path[0] == 0;

    /// <summary>
    /// The address of a path. A first byte <c>@</c> means the abstract name of the bytes that follow it; a file of such a name is
    /// reached as <c>./@name</c>.
    /// </summary>
    /// <returns>ENAMETOOLONG above 107 bytes; EINVAL for an empty path, which the kernel would take for an abstract name.</returns>
    internal static Result<UnixAddress> Of(ReadOnlySpan<byte> path)
    {
        if (path.Length > LongestPath)
            return new Errno(libc.ENAMETOOLONG);
        bool isAbstract = !path.IsEmpty && path[0] == (byte)'@';
        if (path.IsEmpty || (isAbstract && path.Length == 1))
            return new Errno(libc.EINVAL);
        UnixAddress result = default;
        result.address.sun_family = libc.AF_UNIX;
        path.CopyTo(new Span<byte>(result.address.sun_path, LongestPath));
        // A path is ended by a NUL that counts; an abstract name starts with one and ends where its length says.
        if (isAbstract)
            result.address.sun_path[0] = 0;
        result.length = PathOffset + (uint)path.Length + (isAbstract ? 0u : 1u);
        return result;
    }

    /// <summary>The address that a socket is bound to. EAFNOSUPPORT for a socket of another family, whose address isn't a path.</summary>
    internal static Result<UnixAddress> LocalOf(int socket)
    {
        UnixAddress result = default;
        uint size = (uint)sizeof(libc.sockaddr_un);
        return result.Filled(libc.getsockname(socket, &result.address, &size), size);
    }

    /// <summary>The address of the other end of a connection. EAFNOSUPPORT for a socket of another family; ENOTCONN when there is none.</summary>
    internal static Result<UnixAddress> PeerOf(int socket)
    {
        UnixAddress result = default;
        uint size = (uint)sizeof(libc.sockaddr_un);
        return result.Filled(libc.getpeername(socket, &result.address, &size), size);
    }

    /// <summary>Accepts a connection: blocking, close-on-exec, with the address of the client.</summary>
    internal static Result<int> Accept(int listener, out UnixAddress client)
    {
        UnixAddress result = default;
        uint size = (uint)sizeof(libc.sockaddr_un);
        int connection = libc.accept4(listener, &result.address, &size, libc.SOCK_CLOEXEC);
        Errno error = Errno.Of(connection);
        result.SetKernelLength(size);
        client = result;
        return error.Failed ? error : connection;
    }

    internal Errno Bind(int socket)
    {
        int result;
        fixed (libc.sockaddr_un* pointer = &address)
        {
            do
                result = libc.bind(socket, pointer, length);
            while (Errno.Interrupted(result));
        }
        return Errno.Of(result);
    }

    /// <summary>
    /// Connects; a full backlog makes a blocking socket wait. EINTR means that nothing is under way: a Unix socket never connects in the background,
    /// so the call has to be repeated. <see cref="UnixConnect"/> does that.
    /// </summary>
    internal Errno Connect(int socket)
    {
        fixed (libc.sockaddr_un* pointer = &address)
            return Errno.Of(libc.connect(socket, pointer, length));
    }

    /// <summary>
    /// Copies the path, up to the first NUL; nothing for an unbound or abstract address. At most 107 bytes, even of a path that fills all 108.
    /// </summary>
    /// <returns>The number of bytes written.</returns>
    internal readonly int CopyPath(Span<byte> destination)
    {
        fixed (byte* path = address.sun_path)
        {
            int available = (int)length - PathOffset;
            if (available <= 0)
                return 0;
            ReadOnlySpan<byte> bytes = Bytes.UntilNul(new ReadOnlySpan<byte>(path, available < LongestPath ? available : LongestPath));
            bytes.CopyTo(destination);
            return bytes.Length;
        }
    }

    /// <summary>Copies the path up to the first NUL, or all 108 bytes of a path without one; or an abstract name with its leading NUL.</summary>
    /// <returns>The number of bytes written; 0 for an unbound address.</returns>
    internal readonly int CopyName(Span<byte> destination)
    {
        fixed (byte* path = address.sun_path)
        {
            var bytes = new ReadOnlySpan<byte>(path, length > PathOffset ? (int)(length - PathOffset) : 0);
            if (!bytes.IsEmpty && bytes[0] != 0)
                bytes = Bytes.UntilNul(bytes);
            bytes.CopyTo(destination);
            return bytes.Length;
        }
    }

    private Result<UnixAddress> Filled(int returned, uint size)
    {
        Errno error = Errno.Of(returned);
        SetKernelLength(size);
        if (error.Failed)
            return error;
        return address.sun_family == libc.AF_UNIX ? this : new Errno(libc.EAFNOSUPPORT);
    }

    // The kernel reports the length that it would have needed, which for a path of 108 bytes is one more than the structure has.
    private void SetKernelLength(uint size) => length = size < (uint)sizeof(libc.sockaddr_un) ? size : (uint)sizeof(libc.sockaddr_un);
}
