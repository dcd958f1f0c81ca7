using System;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.FdHolder;

/// <summary>
/// A holder's description of a held descriptor: <c>tai(12) age:u32 uid:u32 gid:u32 family:u8 type:u8</c>, then three texts of <c>n:u8 text[n]</c>:
/// its name, its link in /proc/self/fd, and the address of a Unix socket. Specification "fdholder", section 5.3.
/// </summary>
internal readonly ref struct LongEntry
{
    /// <summary>How many entries a message has at most.</summary>
    internal const int MostInMessage = 32;

    /// <summary>The bytes in front of the texts.</summary>
    internal const int HeadSize = TaiDate.PackedSize + 3 * sizeof(uint) + 2;

    /// <summary>Added to the type of a socket that listens.</summary>
    internal const byte Listening = 0x80;

    internal TaiDate Expiry { get; private init; }

    /// <summary>For how long it has been held, in seconds.</summary>
    internal uint Age { get; private init; }

    /// <summary>Who has stored it.</summary>
    internal uint UserId { get; private init; }

    internal uint GroupId { get; private init; }

    /// <summary>The address family of a socket; 0 for anything else.</summary>
    internal byte Family { get; private init; }

    /// <summary>The type of a socket, SOCK_STREAM for example.</summary>
    internal int Type { get; private init; }

    internal bool Listens { get; private init; }

    internal ReadOnlySpan<byte> Name { get; private init; }

    /// <summary>Its link in /proc/self/fd, the first 255 bytes; empty without /proc.</summary>
    internal ReadOnlySpan<byte> Link { get; private init; }

    /// <summary>Where a Unix socket is bound: a path, or an abstract name with its NUL in front.</summary>
    internal ReadOnlySpan<byte> Address { get; private init; }

    /// <summary>Writes the part in front of the texts.</summary>
    internal static void WriteHead(Span<byte> head, TaiDate expiry, uint age, uint userId, uint groupId, int family, int type)
    {
        expiry.Pack(head);
        BigEndian.Write(head[12..16], age);
        BigEndian.Write(head[16..20], userId);
        BigEndian.Write(head[20..24], groupId);
        head[24] = (byte)family;
        head[25] = (byte)type;
    }

    /// <summary>Reads an entry. False when the data don't begin with one.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> data, out LongEntry entry, out ReadOnlySpan<byte> rest)
    {
        entry = default;
        rest = default;
        if (!TaiDate.TryUnpack(data, out TaiDate expiry) || data.Length < HeadSize || !TryReadText(data[HeadSize..], out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> texts)
            || name.IsEmpty || !TryReadText(texts, out ReadOnlySpan<byte> link, out texts) || !TryReadText(texts, out ReadOnlySpan<byte> address, out rest))
        {
            return false;
        }
        entry = new LongEntry
        {
            Expiry = expiry,
            Age = (uint)BigEndian.Read(data[12..16]),
            UserId = (uint)BigEndian.Read(data[16..20]),
            GroupId = (uint)BigEndian.Read(data[20..24]),
            Family = data[24],
            Type = data[25] & ~Listening,
            Listens = (data[25] & Listening) != 0,
            Name = name,
            Link = link,
            Address = address,
        };
        return true;
    }

    private static bool TryReadText(ReadOnlySpan<byte> data, out ReadOnlySpan<byte> text, out ReadOnlySpan<byte> rest)
    {
        bool isThere = !data.IsEmpty && data.Length > data[0];
        text = isThere ? data.Slice(1, data[0]) : default;
        rest = isThere ? data[(1 + text.Length)..] : default;
        return isThere;
    }
}
