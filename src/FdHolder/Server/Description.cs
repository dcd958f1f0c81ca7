using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Messages;
using LocalService.Posix;

namespace LocalService.FdHolder;

/// <summary>
/// What the kernel tells of a held descriptor without asking anybody: neither a file system (fstat(2) may wait for its server, which may be the
/// client's), nor a socket under its lock (getsockname(2) of TCP may wait for a client that is in the middle of another call on it).
/// </summary>
internal static unsafe class Description
{
    private const int LongestText = byte.MaxValue;
    private const int PathOffset = 2; // in sockaddr_un

    /// <summary>Adds an entry to an answer. ENOMEM.</summary>
    internal static Errno Add(ref MessageWriter writer, HeldEntry entry, Origin origin, int descriptor)
    {
        int family = SocketOption.Of(descriptor, libc.SO_DOMAIN);
        int type = family < 0 ? 0 : SocketOption.Of(descriptor, libc.SO_TYPE);
        if (family >= 0 && SocketOption.Of(descriptor, libc.SO_ACCEPTCONN) == 1)
            type |= LongEntry.Listening;
        Span<byte> text = stackalloc byte[LongestText];
        LongEntry.WriteHead(text, entry.Expiry, origin.Age, origin.UserId, origin.GroupId, family < 0 ? 0 : family, type);
        Errno error = writer.Add(text[..LongEntry.HeadSize]);
        error = error.Failed ? error : AddText(ref writer, entry.Name);
        error = error.Failed ? error : AddText(ref writer, text[..ReadLink(descriptor, text)]);
        return error.Failed ? error : AddText(ref writer, family == libc.AF_UNIX ? text[..ReadAddress(descriptor, text)] : default);
    }

    private static Errno AddText(ref MessageWriter writer, scoped ReadOnlySpan<byte> text)
    {
        Errno error = writer.Add((byte)text.Length);
        return error.Failed ? error : writer.Add(text);
    }

    private static int ReadLink(int descriptor, Span<byte> text)
    {
        var path = new Line(-1, stackalloc byte[32]);
        path.Add("/proc/self/fd/"u8);
        path.Add((ulong)(uint)descriptor);
        path.Add("\0"u8);
        fixed (byte* name = path.Text, target = text)
        {
            nint length = libc.readlinkat(LibC.AT_FDCWD, name, target, (nuint)text.Length);
            return length < 0 ? 0 : (int)length;
        }
    }

    // A path ends at its NUL, an abstract name, which begins with one, where its length says.
    private static int ReadAddress(int socket, Span<byte> text)
    {
        libc.sockaddr_un address = default;
        uint size = (uint)sizeof(libc.sockaddr_un);
        if (libc.getsockname(socket, &address, &size) < 0 || size <= PathOffset)
            return 0;
        int length = size > (uint)sizeof(libc.sockaddr_un) ? libc.sockaddr_un.PathCapacity : (int)size - PathOffset;
        var bytes = new ReadOnlySpan<byte>(address.sun_path, length);
        int end = bytes[0] == 0 ? -1 : bytes.IndexOf((byte)0);
        bytes = end < 0 ? bytes : bytes[..end];
        bytes.CopyTo(text);
        return bytes.Length;
    }
}
