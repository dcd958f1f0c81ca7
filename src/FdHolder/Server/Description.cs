using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Messages;
using LocalService.Posix;

namespace LocalService.FdHolder;

/// <summary>
/// Describes a held descriptor by facts that the kernel gives without waiting: neither for a file system (fstat(2) may wait for its server, which may
/// be the client's), nor for the lock of a socket (getsockname(2) of TCP may wait for a client that is in the middle of another call on it).
/// </summary>
internal static unsafe class Description
{
    private const int LongestText = byte.MaxValue;

    /// <summary>Adds an entry to an answer. ENOMEM.</summary>
    internal static Errno Add(ref MessageWriter writer, HeldEntry entry, Origin origin, int descriptor)
    {
        int family = SocketOption.Of(descriptor, libc.SO_DOMAIN);
        int type = family < 0 ? 0 : SocketOption.Of(descriptor, libc.SO_TYPE);
        if (family >= 0 && SocketOption.Of(descriptor, libc.SO_ACCEPTCONN) == 1)
            type |= LongEntry.Listening;
        Span<byte> text = stackalloc byte[LongestText];
        LongEntry.WriteHead(text, entry.Expiry, origin.Age, origin.UserId, origin.GroupId, family < 0 ? 0 : family, type);
        return writer.Add(text[..LongEntry.HeadSize])
            && AddText(ref writer, entry.Name)
            && AddText(ref writer, text[..ReadLink(descriptor, text)])
            && AddText(ref writer, family == libc.AF_UNIX ? text[..ReadAddress(descriptor, text)] : default);
    }

    private static Errno AddText(ref MessageWriter writer, scoped ReadOnlySpan<byte> text) => writer.Add((byte)text.Length) && writer.Add(text);

    private static int ReadLink(int descriptor, Span<byte> text)
    {
        fixed (byte* name = DescriptorPath.Of(descriptor, stackalloc byte[DescriptorPath.BufferSize]), target = text)
        {
            nint length = libc.readlinkat(LibC.AT_FDCWD, name, target, (nuint)text.Length);
            return length < 0 ? 0 : (int)length;
        }
    }

    private static int ReadAddress(int socket, Span<byte> text)
    {
        Result<UnixAddress> address = UnixAddress.LocalOf(socket);
        return address.Failed ? 0 : address.Value.CopyName(text);
    }
}
