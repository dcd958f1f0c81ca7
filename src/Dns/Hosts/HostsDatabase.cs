using System;
using LocalService.Cdb;
using LocalService.Dns.Packets;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Dns.Hosts;

/// <summary>
/// The compiled form of hosts(5), as dns-hosts-compile writes it: <c>a4:NAME.</c> and <c>u4:NAME</c> lead to the IPv4 addresses of absolute and
/// other names, <c>a6:</c> and <c>u6:</c> to the IPv6 ones, <c>p4:</c> and <c>p6:</c> with the bytes of an address to its names, each ended by
/// NUL. Specification "dns", section 4.2.
/// </summary>
internal static class HostsDatabase
{
    /// <summary>The most bytes of a key: its kind, and a name.</summary>
    internal const int LongestKey = 3 + DomainName.Longest + 1;

    private const uint LargestRecord = 1024 * 1024;

    /// <summary>Writes the key of a name to the start of a buffer of <see cref="LongestKey"/> bytes.</summary>
    /// <param name="absolute">Whether it is the first name of its line.</param>
    /// <param name="v4">The kind of addresses.</param>
    /// <param name="name">The name.</param>
    /// <param name="key">The buffer.</param>
    internal static ReadOnlySpan<byte> KeyOf(bool absolute, bool v4, in DomainName name, Span<byte> key)
    {
        key[0] = absolute ? (byte)'a' : (byte)'u';
        key[1] = v4 ? (byte)'4' : (byte)'6';
        key[2] = (byte)':';
        // The labels as they are, each followed by a dot: these names were never quoted.
        ReadOnlySpan<byte> wire = name.Wire;
        int used = 3;
        for (int position = 0; wire[position] != 0; position += wire[position] + 1)
        {
            wire.Slice(position + 1, wire[position]).CopyTo(key[used..]);
            used += wire[position];
            key[used++] = (byte)'.';
        }
        return key[..(absolute || used == 3 ? used : used - 1)];
    }

    /// <summary>Writes the key of an address.</summary>
    internal static ReadOnlySpan<byte> KeyOf(IpAddress address, Span<byte> key)
    {
        key[0] = (byte)'p';
        key[1] = address.IsV4 ? (byte)'4' : (byte)'6';
        key[2] = (byte)':';
        return key[..(3 + address.Write(key[3..]))];
    }

    /// <summary>Adds the addresses of a name, as bytes.</summary>
    internal static Errno FindAddresses(ref CdbFile file, in DomainName name, bool v4, ref ByteBuffer found)
    {
        Span<byte> key = stackalloc byte[LongestKey];
        Errno error = Add(ref file, KeyOf(absolute: true, v4, name, key), ref found)
            && Add(ref file, KeyOf(absolute: false, v4, name, key), ref found);
        bool isWhole = found.Length % (v4 ? IpAddress.V4Size : IpAddress.V6Size) == 0;
        return error.Failed || isWhole ? error : CdbSource.Damaged;
    }

    /// <summary>Adds the names of an address, each ended by NUL.</summary>
    internal static Errno FindNames(ref CdbFile file, IpAddress address, ref ByteBuffer found)
    {
        Span<byte> key = stackalloc byte[LongestKey];
        Errno error = Add(ref file, KeyOf(address, key), ref found);
        bool isWhole = found.Length == 0 || found.Content[found.Length - 1] == 0;
        return error.Failed || isWhole ? error : CdbSource.Damaged;
    }

    private static Errno Add(ref CdbFile file, ReadOnlySpan<byte> key, ref ByteBuffer found)
    {
        Result<CdbRecord> record = CdbLookup.Find(ref file, key);
        if (record.Failed)
            return record.Error.Is(libc.ENOENT) ? default : record.Error;
        if (record.Value.DataLength > LargestRecord)
            return CdbSource.Damaged;
        ulong offset = record.Value.DataOffset;
        for (uint left = record.Value.DataLength; left > 0;)
        {
            int part = left > CdbSource.LongestView ? CdbSource.LongestView : (int)left;
            Errno error = file.View(offset, part, out ReadOnlySpan<byte> bytes) && found.Add(bytes);
            if (error.Failed)
                return error;
            offset += (ulong)part;
            left -= (uint)part;
        }
        return default;
    }
}
