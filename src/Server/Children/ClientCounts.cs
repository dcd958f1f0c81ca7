using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Server;

/// <summary>
/// How many connections each client has. A client has a place as long as it has a connection, and the place stays the same: a caller that knows it
/// needs no key any more. Every operation takes constant time; the table never shrinks.
/// </summary>
internal unsafe struct ClientCounts
{
    /// <summary>The result of <see cref="Find"/> for a client without connections.</summary>
    internal const uint NoPlace = uint.MaxValue;

    // Enough for the users of most servers; after that the capacity grows by whole pages.
    private const uint FirstCapacity = 16;
    private const uint CapacityOfPage = 128;

    private Entry* entries;
    private uint* chains; // for each remainder of the hash the first entry, as its place plus one
    private uint capacity; // of both
    private uint used; // entries that have been in use at some time
    private uint free; // the first entry that is no longer in use, as its place plus one

    private struct Entry
    {
        internal ClientKey Key;
        internal uint Count;
        internal uint Next; // in the chain, or in the list of free entries: its place plus one
    }

    /// <summary>How many clients have a connection.</summary>
    internal uint Clients { get; private set; }

    /// <summary>Makes room, so that <see cref="Add"/> for this many more clients can't fail.</summary>
    /// <returns>ENOMEM when there is no memory; everything is as before.</returns>
    internal Errno Reserve(uint additions)
    {
        Errno error = default;
        while (!error.Failed && Clients + (ulong)additions > capacity)
            error = Grow();
        return error;
    }

    /// <summary>The place of a client; <see cref="NoPlace"/> when it has no connection.</summary>
    internal readonly uint Find(ClientKey key)
    {
        uint next = capacity == 0 ? 0 : chains[key.Hash % capacity];
        while (next != 0 && !entries[next - 1].Key.Is(key))
            next = entries[next - 1].Next;
        return next - 1;
    }

    /// <summary>How many connections a client has.</summary>
    internal readonly uint CountOf(ClientKey key)
    {
        uint place = Find(key);
        return place == NoPlace ? 0 : entries[place].Count;
    }

    /// <summary>The client at a place.</summary>
    internal readonly ClientKey KeyAt(uint place) => entries[place].Key;

    /// <summary>Counts one more connection. A client without any needs a <see cref="Reserve"/> before.</summary>
    /// <returns>The client's place.</returns>
    internal uint Add(ClientKey key)
    {
        uint place = Find(key);
        if (place == NoPlace)
            place = Occupy(key);
        entries[place].Count++;
        return place;
    }

    /// <summary>Counts one connection less.</summary>
    /// <returns>How many are left; with 0 the place is free.</returns>
    internal uint Remove(uint place)
    {
        if (place >= used || entries[place].Count == 0)
            Abandon.InternalInconsistency();
        uint left = --entries[place].Count;
        if (left == 0)
            Leave(place);
        return left;
    }

    private uint Occupy(ClientKey key)
    {
        uint place = free - 1;
        if (free != 0)
            free = entries[place].Next;
        else if (used < capacity)
            place = used++;
        else
            Abandon.InternalInconsistency();
        uint* chain = &chains[key.Hash % capacity];
        entries[place] = new Entry { Key = key, Next = *chain };
        *chain = place + 1;
        Clients++;
        return place;
    }

    private void Leave(uint place)
    {
        uint* link = &chains[entries[place].Key.Hash % capacity];
        while (*link != place + 1)
            link = &entries[*link - 1].Next;
        *link = entries[place].Next;
        entries[place].Next = free;
        free = place + 1;
        Clients--;
    }

    private Errno Grow()
    {
        uint larger = capacity == 0 ? FirstCapacity : capacity < CapacityOfPage ? CapacityOfPage : capacity * 2;
        nuint size = larger * (nuint)(sizeof(Entry) + sizeof(uint));
        bool first = capacity == 0;
        Errno error = first ? Arena.Ensure(size) : default;
        if (error.Failed)
            return error;
        var memory = (Entry*)(first ? Arena.Allocate(size) : MappedMemory.Map(size));
        if (memory == null)
            return new Errno(libc.ENOMEM);
        ClientCounts before = this;
        entries = memory;
        chains = (uint*)(memory + larger);
        capacity = larger;
        for (uint place = 0; place < used; place++)
        {
            entries[place] = before.entries[place];
            if (entries[place].Count == 0)
                continue;
            uint* chain = &chains[entries[place].Key.Hash % capacity];
            entries[place].Next = *chain;
            *chain = place + 1;
        }
        if (before.capacity >= CapacityOfPage)
            MappedMemory.Unmap(before.entries, before.capacity * (nuint)(sizeof(Entry) + sizeof(uint)));
        return default;
    }
}
