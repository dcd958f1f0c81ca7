using System;
using LocalService.CommandLine;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.FdHolder;

/// <summary>
/// The addresses of the sockets of this network namespace by their numbers, from /proc/net, proc_net(5). Each file is read when it is first needed.
/// Nothing is known of a socket of another namespace.
/// </summary>
internal unsafe struct SocketNames
{
    private const int LargestFile = 1 << 28;
    private const int AddressField = 1;
    private const int NumberField = 9;

    private ByteBuffer tcp4;
    private ByteBuffer tcp6;
    private ByteBuffer udp4;
    private ByteBuffer udp6;

    /// <summary>Adds the local address of a socket, ADDRESS:PORT.</summary>
    /// <param name="isV6">Whether it is an IPv6 socket.</param>
    /// <param name="type">SOCK_STREAM or SOCK_DGRAM; nothing is known of other types.</param>
    /// <param name="number">Its number, in decimal.</param>
    /// <param name="line">Receives the address.</param>
    internal bool TryFind(bool isV6, int type, ReadOnlySpan<byte> number, ref Line line)
    {
        if (type is not (libc.SOCK_STREAM or libc.SOCK_DGRAM))
            return false;
        bool isTcp = type == libc.SOCK_STREAM;
        if (isV6)
            return isTcp ? TryFind(ref tcp6, "/proc/net/tcp6\0"u8, number, ref line) : TryFind(ref udp6, "/proc/net/udp6\0"u8, number, ref line);
        return isTcp ? TryFind(ref tcp4, "/proc/net/tcp\0"u8, number, ref line) : TryFind(ref udp4, "/proc/net/udp\0"u8, number, ref line);
    }

    private static bool TryFind(ref ByteBuffer file, ReadOnlySpan<byte> path, ReadOnlySpan<byte> number, ref Line line)
    {
        if (file.Length == 0)
        {
            fixed (byte* name = path)
                _ = RegularFile.ReadWhole(LibC.AT_FDCWD, name, LargestFile, ref file);
        }
        ReadOnlySpan<byte> rest = file.Content;
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf((byte)'\n');
            ReadOnlySpan<byte> row = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            if (Field(row, NumberField).SequenceEqual(number))
                return TryAdd(Field(row, AddressField), ref line);
        }
        return false;
    }

    private static ReadOnlySpan<byte> Field(ReadOnlySpan<byte> row, int index)
    {
        for (; ; index--)
        {
            while (!row.IsEmpty && row[0] == (byte)' ')
                row = row[1..];
            int end = row.IndexOf((byte)' ');
            if (index == 0 || end < 0)
                return index > 0 ? default : end < 0 ? row : row[..end];
            row = row[end..];
        }
    }

    /// <summary>Adds an address that is written as words of the machine in hexadecimal, a colon, and the port.</summary>
    private static bool TryAdd(ReadOnlySpan<byte> text, ref Line line)
    {
        int colon = text.IndexOf((byte)':');
        Span<byte> bytes = stackalloc byte[IpAddress.V6Size];
        if (colon is not (2 * IpAddress.V4Size or 2 * IpAddress.V6Size))
            return false;
        for (int word = 0; word * 8 < colon; word++)
        {
            uint value = Hexadecimal(text.Slice(word * 8, 8));
            for (int place = 0; place < 4; place++)
                bytes[word * 4 + place] = (byte)(value >> (8 * place));
        }
        _ = IpAddress.TryRead(bytes[..(colon / 2)], out IpAddress address);
        if (!address.IsV4)
            line.Add("["u8);
        line.Add(IpAddressText.Format(address, stackalloc byte[IpAddressText.LongestText]));
        line.Add(address.IsV4 ? ":"u8 : "]:"u8);
        line.Add((ulong)Hexadecimal(text[(colon + 1)..]));
        return true;
    }

    private static uint Hexadecimal(ReadOnlySpan<byte> digits)
    {
        uint value = 0;
        foreach (byte digit in digits)
            value = value << 4 | (uint)HexDigit.ValueOf(digit);
        return value;
    }
}
