using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Messages;
using LocalService.Posix;

namespace LocalService.FdHolder;

/// <summary>
/// A dump on its way to a client: the entries that were held when it was asked for. It refers to them until they are sent. Its messages are built one
/// by one, so it takes four bytes per entry, whatever the client does.
/// </summary>
internal unsafe struct OutgoingDump
{
    private const int EntriesPerMessage = MessageFormat.MostDescriptors;

    private int* entries;
    private int count;
    private int sent;
    private int underWay; // entries of the message that is being sent

    /// <summary>Whether there is something left to send.</summary>
    internal readonly bool IsActive => sent < count;

    /// <summary>How many messages a number of entries takes.</summary>
    internal static uint MessagesFor(uint entries) => entries == 0 ? 0 : 1 + (entries - 1) / EntriesPerMessage;

    /// <summary>Starts a dump of all held entries. ENOMEM.</summary>
    internal Errno Start(ref HeldTable table)
    {
        if (table.Count == 0)
            return default;
        var list = (int*)MappedMemory.Map((nuint)table.Count * sizeof(int));
        if (list == null)
            return new Errno(libc.ENOMEM);
        this = new OutgoingDump { entries = list, count = table.Count };
        for (int i = 0; i < count; i++)
        {
            list[i] = table.EntryAt(i);
            table.Refer(list[i]);
        }
        return default;
    }

    /// <summary>Writes the next message. ENOMEM.</summary>
    internal Errno WriteNext(ref HeldTable table, ref MessageWriter writer)
    {
        Span<byte> buffer = stackalloc byte[HeldEntry.LargestSize];
        underWay = count - sent < EntriesPerMessage ? count - sent : EntriesPerMessage;
        Errno error = writer.Begin();
        for (int i = 0; !error.Failed && i < underWay; i++)
        {
            HeldEntry entry = table[entries[sent + i]];
            entry.Write(buffer);
            error = writer.Add(buffer[..entry.Size]) && writer.AddDescriptor(table.DescriptorOf(entries[sent + i]));
        }
        return error && writer.End();
    }

    /// <summary>Notes that the message under way, if there is one, was sent.</summary>
    internal void Advance(ref HeldTable table)
    {
        Release(ref table, underWay);
        underWay = 0;
        if (!IsActive)
            Free();
    }

    /// <summary>Stops the dump.</summary>
    internal void Stop(ref HeldTable table)
    {
        Release(ref table, count - sent);
        Free();
    }

    private void Release(ref HeldTable table, int released)
    {
        for (int end = sent + released; sent < end; sent++)
            HeldDescriptors.Close(table.Release(entries[sent]));
    }

    private void Free()
    {
        if (entries != null)
            MappedMemory.Unmap(entries, (nuint)count * sizeof(int));
        this = default;
    }
}
