using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Messages;
using LocalService.Posix;

namespace LocalService.FdHolder;

/// <summary>
/// Transfers dumps over a connection, in messages with one descriptor for each entry. Holders differ in how many entries they put in a message: 253,
/// or 255, which the kernel doesn't accept. Specification "fdholder", sections 5.1, 5.2 and 8.
/// </summary>
internal static unsafe class DumpTransfer
{
    private const int MostEntriesAnywhere = 255;
    private const int CountSize = 1 + sizeof(uint);

    /// <summary>Reads everything that the holder holds.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="dump">The dump. It is empty after an error: the descriptors that were received by then are closed.</param>
    internal static Errno Get(HolderConnection* connection, out Dump dump)
    {
        dump = default;
        Errno error = Collect(connection, ref dump);
        if (error.Failed)
        {
            dump.CloseDescriptors();
            dump.Free();
        }
        return error;
    }

    /// <summary>Gives the holder a dump to hold. An empty dump isn't sent.</summary>
    internal static Errno Set(HolderConnection* connection, in Dump dump)
    {
        if (dump.Count == 0)
            return default;
        connection->Begin(RequestKind.SetDump);
        connection->AddNumber((uint)dump.Count);
        Errno error = connection->Ask(CountSize, 0, out Message answer);
        if (error.Failed)
            return error;
        if (!IsSplit((uint)BigEndian.Read(answer.Data[1..]), (uint)dump.Count))
            return new Errno(libc.EPROTO);
        ReadOnlySpan<byte> entries = dump.Entries;
        ReadOnlySpan<int> descriptors = dump.Descriptors;
        while (!descriptors.IsEmpty)
        {
            int count = descriptors.Length < MessageFormat.MostDescriptors ? descriptors.Length : MessageFormat.MostDescriptors;
            AddPart(connection, ref entries, descriptors[..count]);
            descriptors = descriptors[count..];
            error = connection->Ask(1, 0, out _);
            bool expectsMore = error.Is(libc.EAGAIN);
            if (error.Failed && !expectsMore)
                return error;
            if (expectsMore == descriptors.IsEmpty)
                return new Errno(libc.EPROTO);
        }
        return default;
    }

    /// <summary>Whether so many messages can hold so many entries.</summary>
    internal static bool IsSplit(uint messages, uint entries) =>
        entries == 0 ? messages == 0 : messages <= entries && messages >= 1 + (entries - 1) / MostEntriesAnywhere;

    private static Errno Collect(HolderConnection* connection, ref Dump dump)
    {
        connection->Begin(RequestKind.GetDump);
        Errno error = connection->Ask(CountSize + sizeof(uint), 0, out Message answer);
        if (error.Failed)
            return error;
        uint messages = (uint)BigEndian.Read(answer.Data[1..CountSize]);
        uint entries = (uint)BigEndian.Read(answer.Data[CountSize..]);
        if (!IsSplit(messages, entries))
            return new Errno(libc.EPROTO);
        for (; messages > 0; messages--)
        {
            error = connection->Receive(out Message part) && Take(part, entries - (uint)dump.Count, ref dump);
            if (error.Failed)
                return error;
        }
        return dump.Count == entries ? default : new Errno(libc.EPROTO);
    }

    private static Errno Take(Message part, uint most, ref Dump dump)
    {
        int count = part.DescriptorCount;
        if (count == 0 || count > most || !HeldEntry.AreEntries(part.Data, count))
            return new Errno(libc.EPROTO);
        Errno error = dump.Add(part.Data, count, out Span<int> descriptors);
        for (int i = 0; i < descriptors.Length; i++)
            descriptors[i] = part.Take(i);
        return error;
    }

    private static void AddPart(HolderConnection* connection, ref ReadOnlySpan<byte> entries, ReadOnlySpan<int> descriptors)
    {
        connection->Begin(RequestKind.DumpPart);
        ReadOnlySpan<byte> rest = entries;
        foreach (int descriptor in descriptors)
        {
            if (!HeldEntry.TryRead(rest, out _, out rest))
                Abandon.InternalInconsistency();
            connection->AddDescriptor(descriptor);
        }
        connection->Add(entries[..^rest.Length]);
        entries = rest;
    }
}
