using System;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.FdHolder;

/// <summary>
/// The answer to the request for all names: a byte 0, their number (32 bits, big-endian), then each, ended by NUL.
/// </summary>
internal ref struct NameList
{
    private const int HeaderSize = 1 + sizeof(uint);

    private ReadOnlySpan<byte> names;

    private NameList(ReadOnlySpan<byte> names) => this.names = names;

    /// <summary>Reads the answer. False when it is invalid, or the number doesn't match the names.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> data, out NameList list)
    {
        list = default;
        if (data.Length < HeaderSize)
            return false;
        list = new NameList(data[HeaderSize..]);
        ulong left = BigEndian.Read(data[1..HeaderSize]);
        ReadOnlySpan<byte> rest = list.names;
        for (; left > 0; left--)
        {
            int end = rest.IndexOf((byte)0);
            if (end < 0)
                return false;
            rest = rest[(end + 1)..];
        }
        return rest.IsEmpty;
    }

    /// <summary>Takes the first name off the list. False when there is none.</summary>
    internal bool TryTakeFirst(out ReadOnlySpan<byte> name)
    {
        name = Bytes.UntilNul(names);
        if (names.IsEmpty)
            return false;
        names = names[(name.Length + 1)..];
        return true;
    }
}
