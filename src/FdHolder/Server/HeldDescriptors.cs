using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Messages;
using LocalService.Posix;

namespace LocalService.FdHolder;

/// <summary>
/// The work of the holder for its clients: each request changes the table and starts an answer. Specification "fdholder", section 5.
/// </summary>
/// <param name="maximum">The most descriptors that are held.</param>
internal unsafe struct HeldDescriptors(uint maximum)
{
    // An answer about so many entries fits into a small buffer.
    private const int FewEntries = 60;

    // Far more than closing takes on a busy machine.
    private const uint MostMillisecondsToClose = 1000;

    private HeldTable table = new(maximum > int.MaxValue ? int.MaxValue : (int)maximum, KeyedHash.OfThisProcess());

    /// <summary>
    /// Descriptors with this number or a higher one are not held, so that some stay free for clients and for files that are only open for a moment.
    /// </summary>
    internal int NumberLimit { get; set; }

    /// <summary>How many are held.</summary>
    internal readonly int Count => table.Count;

    /// <summary>Closes a descriptor that the table has given up, unless it is <see cref="HeldTable.None"/>.</summary>
    internal static void Close(int descriptor)
    {
        if (descriptor != HeldTable.None)
            ForeignDescriptors.Close(descriptor);
    }

    /// <summary>Closes descriptors that have expired.</summary>
    internal void Expire(TaiDate now)
    {
        while (table.TryExpire(now, out int descriptor))
            Close(descriptor);
    }

    /// <summary>The date of the next expiry. False when nothing is held.</summary>
    internal readonly bool TryGetNextExpiry(out TaiDate expiry) => table.TryGetNextExpiry(out expiry);

    /// <summary>Handles the request in a message, and writes the answer.</summary>
    /// <returns>EPROTO for a message that isn't a request, or isn't allowed at this time; ENOMEM. The client has to be dropped then.</returns>
    internal Errno Answer(HolderSession* client, Message message)
    {
        if (!Request.TryParse(message.Data, message.DescriptorCount, out Request request))
            return new Errno(libc.EPROTO);
        if ((request.Kind == RequestKind.DumpPart) != (client->AnnouncedEntries > 0))
            return new Errno(libc.EPROTO);
        Expire(TaiDate.Now);
        client->BeginAnswer(isLarge: request.Kind == RequestKind.LongList || (table.Count > FewEntries && request.Kind is RequestKind.List or RequestKind.GetDump));
        switch (request.Kind)
        {
            case RequestKind.Store: return AnswerStatus(client, Store(client, request.Entry, message, replaces: false));
            case RequestKind.Replace: return AnswerStatus(client, Store(client, request.Entry, message, replaces: true));
            case RequestKind.Delete: return AnswerStatus(client, Delete(client, request.Name));
            case RequestKind.Retrieve: return Retrieve(client, request);
            case RequestKind.List: return List(client);
            case RequestKind.LongList: return LongList(client, request.Behind);
            case RequestKind.GetDump: return GetDump(client);
            case RequestKind.SetDump: return SetDump(client, request.Total);
            default: return TakePart(client, request.Entries, message);
        }
    }

    /// <summary>Continues the answer after a message of it was sent, with the next one, if there is one.</summary>
    internal Errno ContinueAnswer(HolderSession* client)
    {
        ReleaseRetrieved(client);
        client->Dump.Advance(ref table);
        if (client->Dump.IsActive)
            return client->Dump.WriteNext(ref table, ref client->Writer);
        client->EndAnswer();
        return default;
    }

    /// <summary>
    /// Releases the entries that the answer of a leaving client refers to. An entry that the client should have taken but didn't get is held again; one
    /// that somebody else has deleted, or that has expired, isn't.
    /// </summary>
    internal void Forget(HolderSession* client)
    {
        int retrieved = client->RetrievedEntry;
        if (retrieved != HeldTable.None && client->HasDeletedEntry && !client->Writer.IsUnderWay)
            _ = table.TryRestore(retrieved);
        ReleaseRetrieved(client);
        client->Dump.Stop(ref table);
    }

    /// <summary>Begins an answer with its first byte: 0, or an error number.</summary>
    private static Errno WriteStatus(HolderSession* client, int status)
    {
        return client->Writer.BeginBehind() && client->Writer.Add((byte)status);
    }

    private static Errno AnswerStatus(HolderSession* client, int status)
    {
        return WriteStatus(client, status) && client->Writer.End();
    }

    private int Store(HolderSession* client, HeldEntry entry, Message message, bool replaces)
    {
        if (!client->Rights.MayStore(entry.Name))
            return libc.EPERM;
        int received = message.Take(0);
        int status = 0;
        bool isHeld = table.Find(entry.Name) != HeldTable.None;
        if ((table.Count >= table.Maximum && !(replaces && isHeld)) || received >= NumberLimit)
            status = libc.ENFILE;
        else if (isHeld && !replaces)
            status = libc.EBUSY;
        else if (table.Reserve(1, entry.Name.Length).Failed)
            status = libc.ENOMEM;
        if (status != 0)
            Close(received);
        else if (isHeld)
            Replace(entry, received, Origin.Of(client->Credentials));
        else
            table.Add(entry, received, Origin.Of(client->Credentials));
        return status;
    }

    /// <summary>Holds a descriptor instead of another one. The reservation stays: the old entry exists until the new one does.</summary>
    private void Replace(HeldEntry entry, int received, Origin origin)
    {
        int old = table.Find(entry.Name);
        table.Refer(old);
        Close(table.Remove(old));
        table.Add(entry, received, origin);
        Close(table.Release(old));
    }

    private int Delete(HolderSession* client, ReadOnlySpan<byte> name)
    {
        if (!client->Rights.MayStore(name))
            return libc.EPERM;
        int entry = table.Find(name);
        if (entry == HeldTable.None)
            return libc.ENOENT;
        Close(table.Remove(entry));
        // A client that is told of the deletion may rely on it: the address of a socket is free.
        ForeignDescriptors.Await(MostMillisecondsToClose);
        return 0;
    }

    private Errno Retrieve(HolderSession* client, Request request)
    {
        if (!client->Rights.MayRetrieve(request.Name) || (request.Deletes && !client->Rights.MayStore(request.Name)))
            return AnswerStatus(client, libc.EPERM);
        int entry = table.Find(request.Name);
        if (entry == HeldTable.None)
            return AnswerStatus(client, libc.ENOENT);
        Errno error = WriteStatus(client, 0) && client->Writer.AddDescriptor(table.DescriptorOf(entry)) && client->Writer.End();
        if (error.Failed)
            return error;
        table.Refer(entry);
        client->RetrievedEntry = entry;
        client->HasDeletedEntry = request.Deletes;
        if (request.Deletes)
            Close(table.Remove(entry));
        return default;
    }

    private readonly Errno List(HolderSession* client)
    {
        if (!client->Rights.MayList)
            return AnswerStatus(client, libc.EPERM);
        Errno error = WriteStatus(client, 0) && client->Writer.AddNumber((uint)table.Count);
        for (int i = 0; !error.Failed && i < table.Count; i++)
        {
            error = client->Writer.Add(table[table.EntryAt(i)].Name) && client->Writer.Add(0);
        }
        return error && client->Writer.End();
    }

    /// <summary>
    /// Lists some of the held descriptors, in the order of expiry. A client that wants the rest asks for those behind: no state is kept for that.
    /// </summary>
    private readonly Errno LongList(HolderSession* client, TaiDate behind)
    {
        if (!client->Rights.MayList)
            return AnswerStatus(client, libc.EPERM);
        Errno error = WriteStatus(client, 0);
        int position = table.PositionBehind(behind);
        for (int end = position + LongEntry.MostInMessage; !error.Failed && position < end && position < table.Count; position++)
        {
            int entry = table.EntryAt(position);
            error = Description.Add(ref client->Writer, table[entry], table.OriginOf(entry), table.DescriptorOf(entry));
        }
        return error && client->Writer.End();
    }

    private Errno GetDump(HolderSession* client)
    {
        if (!client->Rights.MayGetDump)
            return AnswerStatus(client, libc.EPERM);
        if (client->Dump.Start(ref table).Failed)
            return AnswerStatus(client, libc.ENOMEM);
        uint total = (uint)table.Count;
        return WriteStatus(client, 0)
            && client->Writer.AddNumber(OutgoingDump.MessagesFor(total))
            && client->Writer.AddNumber(total)
            && client->Writer.End();
    }

    /// <summary>Only the names show whether there is room, because held names are replaced.</summary>
    private readonly Errno SetDump(HolderSession* client, uint total)
    {
        if (!client->Rights.MaySetDump)
            return AnswerStatus(client, libc.EPERM);
        if (total > (uint)table.Maximum)
            return AnswerStatus(client, libc.ENFILE);
        client->AnnouncedEntries = total;
        return WriteStatus(client, 0) && client->Writer.AddNumber(OutgoingDump.MessagesFor(total)) && client->Writer.End();
    }

    /// <summary>Takes a part of a dump, all of it or, when there is no room, nothing; then the rest of the dump isn't wanted either.</summary>
    private Errno TakePart(HolderSession* client, ReadOnlySpan<byte> entries, Message message)
    {
        int count = message.DescriptorCount;
        if ((uint)count > client->AnnouncedEntries)
            return new Errno(libc.EPROTO);
        Span<int> descriptors = stackalloc int[MessageFormat.MostDescriptors];
        descriptors = descriptors[..count];
        bool fits = CountNewNames(entries) <= table.Maximum - table.Count;
        for (int i = 0; i < count; i++)
        {
            descriptors[i] = message.Take(i);
            fits &= descriptors[i] < NumberLimit;
        }
        int status = !fits ? libc.ENFILE : table.Reserve(count, entries.Length).Failed ? libc.ENOMEM : 0;
        if (status != 0)
        {
            foreach (int descriptor in descriptors)
                Close(descriptor);
            client->AnnouncedEntries = 0;
            return AnswerStatus(client, status);
        }
        for (int i = 0; i < count; i++)
        {
            _ = HeldEntry.TryRead(entries, out HeldEntry entry, out entries);
            int replaced = table.Find(entry.Name);
            if (replaced != HeldTable.None)
                Close(table.Remove(replaced));
            table.Add(entry, descriptors[i], Origin.Of(client->Credentials));
        }
        ForeignDescriptors.Await(MostMillisecondsToClose);
        client->AnnouncedEntries -= (uint)count;
        return AnswerStatus(client, client->AnnouncedEntries > 0 ? libc.EAGAIN : 0);
    }

    /// <summary>How many names would be added: those that aren't held, each once.</summary>
    private readonly int CountNewNames(ReadOnlySpan<byte> entries)
    {
        int added = 0;
        ReadOnlySpan<byte> rest = entries;
        while (HeldEntry.TryRead(rest, out HeldEntry entry, out ReadOnlySpan<byte> behind))
        {
            if (table.Find(entry.Name) == HeldTable.None && !HasName(entries[..^rest.Length], entry.Name))
                added++;
            rest = behind;
        }
        return added;
    }

    private static bool HasName(ReadOnlySpan<byte> entries, ReadOnlySpan<byte> name)
    {
        while (HeldEntry.TryRead(entries, out HeldEntry entry, out entries))
        {
            if (entry.Name.SequenceEqual(name))
                return true;
        }
        return false;
    }

    private void ReleaseRetrieved(HolderSession* client)
    {
        if (client->RetrievedEntry != HeldTable.None)
            Close(table.Release(client->RetrievedEntry));
        client->RetrievedEntry = HeldTable.None;
    }
}
