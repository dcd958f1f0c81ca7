using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Events;

/// <summary>The subscriptions of a client, by the ids that it has given them, and by places, which don't change.</summary>
internal unsafe struct SubscriptionTable
{
    /// <summary>No subscription.</summary>
    internal const int None = -1;

    private const int FirstCapacity = 16;

    private Entry* entries;
    private int capacity;
    private int used; // places from this one on were never in use
    private int firstFree; // a free place plus 1
    private NumberTable newest; // from an id to the place plus 1 of the newest subscription with it

    /// <summary>A place.</summary>
    internal struct Entry
    {
        internal Subscription Subscription;
        internal Moment Deadline;
        internal uint Id;
        internal int Older; // the place plus 1 of the next older one with the same id, or for a free place of the next free one
        internal bool IsLive;
        internal bool Repeats;
        internal bool HasDeadline;
    }

    /// <summary>The entry at a place, which may be free.</summary>
    internal readonly ref Entry this[int place]
    {
        get
        {
            if ((uint)place >= (uint)used)
                Abandon.InternalInconsistency();
            return ref entries[place];
        }
    }

    /// <summary>The newest subscription with an id, or <see cref="None"/>.</summary>
    internal readonly int Find(uint id) => (int)newest.Get(id) - 1;

    /// <summary>Makes room for another subscription. ENOMEM.</summary>
    internal Errno Reserve()
    {
        Errno error = newest.Reserve(1);
        if (error.Failed || firstFree > 0 || used < capacity)
            return error;
        int wanted = capacity == 0 ? FirstCapacity : 2 * capacity;
        void* grown = entries == null
            ? MappedMemory.Map((nuint)wanted * (nuint)sizeof(Entry))
            : MappedMemory.Resize(entries, (nuint)capacity * (nuint)sizeof(Entry), (nuint)wanted * (nuint)sizeof(Entry));
        if (grown == null)
            return new Errno(libc.ENOMEM);
        entries = (Entry*)grown;
        capacity = wanted;
        return default;
    }

    /// <summary>Adds a subscription, after <see cref="Reserve"/>.</summary>
    /// <returns>Its place.</returns>
    internal int Add(uint id, Subscription subscription, bool repeats)
    {
        int place = firstFree > 0 ? firstFree - 1 : used++;
        if (firstFree > 0)
            firstFree = entries[place].Older;
        entries[place] = new Entry
        {
            Subscription = subscription,
            Id = id,
            Older = (int)newest.Get(id),
            IsLive = true,
            Repeats = repeats,
        };
        newest.Set(id, (uint)(place + 1));
        return place;
    }

    /// <summary>Closes a subscription and frees its place.</summary>
    internal void Remove(int place)
    {
        Entry* entry = &entries[place];
        entry->Subscription.Close();
        int* link = null;
        int first = (int)newest.Get(entry->Id);
        for (int other = first; other != place + 1; other = *link)
            link = &entries[other - 1].Older;
        if (link != null)
            *link = entry->Older;
        else if (entry->Older > 0)
            newest.Set(entry->Id, (uint)entry->Older);
        else
            _ = newest.Remove(entry->Id, out _);
        *entry = new Entry { Older = firstFree };
        firstFree = place + 1;
    }

    /// <summary>Closes all subscriptions.</summary>
    internal readonly void Close()
    {
        for (int place = 0; place < used; place++)
        {
            if (entries[place].IsLive)
                entries[place].Subscription.Close();
        }
    }
}
