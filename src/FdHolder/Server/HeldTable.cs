using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;
using LocalService.Services;

namespace LocalService.FdHolder;

/// <summary>
/// The held descriptors, by name and by the date at which they expire. An entry stays while an answer with its descriptor is under way, even when it
/// is no longer held; the call that ends its last use returns the descriptor to close. The table makes no system calls on descriptors. Entries are
/// identified by numbers; memory grows on demand and is freed when no entry is left.
/// </summary>
/// <param name="maximum">The most descriptors that are held.</param>
/// <param name="hash">How names are hashed.</param>
internal unsafe struct HeldTable(int maximum, KeyedHash hash)
{
    /// <summary>No entry, or no descriptor.</summary>
    internal const int None = -1;

    private const int InitialCapacity = 64;
    private const int SmallGarbage = 4096;

    private readonly int maximum = maximum;
    private readonly KeyedHash hash = hash;

    private Entry* entries;
    private int capacity;
    private int used; // entries from this one on were never in use
    private int alive; // entries that are held or referred to
    private int firstFree; // the number of a free entry plus 1

    private int* slots; // open addressing with linear probing: the number of an entry plus 1, 0 when free; twice the capacity of the entries
    private DeadlineOrder<TaiDate> order;
    private ByteBuffer names;
    private int garbage; // bytes of names that nobody uses

    private struct Entry
    {
        internal TaiDate Expiry;
        internal ulong Hash;
        internal int Descriptor;
        internal int References;
        internal int NameStart;
        internal int NextFree;
        internal Origin Origin;
        internal byte NameLength; // 0 when the entry is free
        internal bool IsHeld;
    }

    /// <summary>How many descriptors are held.</summary>
    internal readonly int Count => order.Count;

    /// <summary>The most that are held.</summary>
    internal readonly int Maximum => maximum;

    /// <summary>How many bytes of the memory for names are in use, those of removed names included.</summary>
    internal readonly int NameMemory => names.Length;

    /// <summary>Makes room, so that adding entries can't fail. ENOMEM.</summary>
    /// <param name="additions">How many are to be added.</param>
    /// <param name="nameBytes">The total length of their names.</param>
    internal Errno Reserve(int additions, int nameBytes)
    {
        DropGarbage();
        int length = names.Length;
        Errno error = names.Extend(nameBytes);
        if (!error.Failed)
        {
            names.Truncate(length);
            error = order.Reserve(additions);
        }
        while (!error.Failed && alive + additions > capacity)
            error = Grow();
        return error;
    }

    /// <summary>The entry that is held under a name, or <see cref="None"/>.</summary>
    internal readonly int Find(ReadOnlySpan<byte> name) => slots == null ? None : slots[FindSlot(name, hash.Of(name))] - 1;

    /// <summary>
    /// Holds a descriptor under a name that isn't in use. A date that is in use is moved up by a nanosecond until it is unique. There has to
    /// be room: see <see cref="Reserve"/>.
    /// </summary>
    /// <param name="added">Name and date.</param>
    /// <param name="descriptor">The descriptor.</param>
    /// <param name="origin">Who has stored it, and when.</param>
    internal void Add(HeldEntry added, int descriptor, Origin origin = default)
    {
        int number = firstFree - 1;
        if (number >= 0)
            firstFree = entries[number].NextFree;
        else if (used < capacity)
            number = used++;
        else
            Abandon.InternalInconsistency();
        alive++;
        entries[number] = new Entry
        {
            Expiry = added.Expiry,
            Hash = hash.Of(added.Name),
            Descriptor = descriptor,
            NameStart = names.Length,
            NameLength = (byte)added.Name.Length,
            Origin = origin,
        };
        if (names.Add(added.Name).Failed)
            Abandon.InternalInconsistency();
        Hold(number);
    }

    /// <summary>Stops holding an entry.</summary>
    /// <returns>The descriptor to close, or <see cref="None"/> when an answer still refers to the entry.</returns>
    internal int Remove(int number)
    {
        Entry* entry = At(number);
        if (!entry->IsHeld)
            Abandon.InternalInconsistency();
        entry->IsHeld = false;
        order.Remove(entry->Expiry);
        RemoveSlot(FindSlot(NameOf(entry), entry->Hash));
        return entry->References == 0 ? Free(number) : None;
    }

    /// <summary>
    /// Holds a removed entry again that an answer still refers to, if possible: no other entry has its name now, and there is room.
    /// </summary>
    internal bool TryRestore(int number)
    {
        Entry* entry = At(number);
        if (entry->IsHeld || Count >= maximum || order.Reserve(1).Failed || Find(NameOf(entry)) != None)
            return false;
        Hold(number);
        return true;
    }

    /// <summary>Adds the reference of an answer to an entry: its descriptor stays open.</summary>
    internal void Refer(int number) => At(number)->References++;

    /// <summary>Removes the reference of an answer to an entry.</summary>
    /// <returns>The descriptor to close, or <see cref="None"/> when the entry is still held or referred to.</returns>
    internal int Release(int number)
    {
        Entry* entry = At(number);
        return --entry->References == 0 && !entry->IsHeld ? Free(number) : None;
    }

    /// <summary>Stops holding the next entry that has expired, if there is one.</summary>
    /// <param name="now">The wall clock. When it is set back, entries that have not expired by then stay longer.</param>
    /// <param name="descriptor">As <see cref="Remove"/> returns it.</param>
    internal bool TryExpire(TaiDate now, out int descriptor)
    {
        bool expired = TryGetNextExpiry(out TaiDate expiry) && expiry <= now;
        descriptor = expired ? Remove(order.NumberAt(0)) : None;
        return expired;
    }

    /// <summary>The date at which the next entry expires. False when nothing is held.</summary>
    internal readonly bool TryGetNextExpiry(out TaiDate expiry)
    {
        expiry = Count > 0 ? At(order.NumberAt(0))->Expiry : default;
        return Count > 0;
    }

    /// <summary>The entry at a position from 0 to <see cref="Count"/> - 1, in the order of expiry.</summary>
    internal readonly int EntryAt(int position) => order.NumberAt(position);

    /// <summary>The position of the first entry that expires after a date, or <see cref="Count"/> when there is none.</summary>
    internal readonly int PositionBehind(TaiDate date) => order.FirstNotBefore(date.PlusNanoseconds(1));

    /// <summary>Who has stored an entry.</summary>
    internal readonly Origin OriginOf(int number) => At(number)->Origin;

    /// <summary>The content of an entry. Its name may move when the table changes.</summary>
    internal readonly HeldEntry this[int number] => new(At(number)->Expiry, NameOf(At(number)));

    /// <summary>The descriptor of an entry.</summary>
    internal readonly int DescriptorOf(int number) => At(number)->Descriptor;

    private readonly Entry* At(int number)
    {
        if ((uint)number >= (uint)used || entries[number].NameLength == 0)
            Abandon.InternalInconsistency();
        return entries + number;
    }

    private readonly ReadOnlySpan<byte> NameOf(Entry* entry) => names.Content.Slice(entry->NameStart, entry->NameLength);

    private void Hold(int number)
    {
        Entry* entry = entries + number;
        entry->Expiry = order.Add(entry->Expiry, number);
        entry->IsHeld = true;
        int slot = FindSlot(NameOf(entry), entry->Hash);
        if (slots[slot] != 0)
            Abandon.InternalInconsistency();
        slots[slot] = number + 1;
    }

    private int Free(int number)
    {
        Entry* entry = entries + number;
        int descriptor = entry->Descriptor;
        garbage += entry->NameLength;
        *entry = new Entry { NextFree = firstFree };
        firstFree = number + 1;
        if (--alive == 0)
            Clear();
        return descriptor;
    }

    /// <summary>
    /// Resets the table when no entry is left. A small table keeps its memory, so that a single entry that comes and goes costs nothing.
    /// </summary>
    private void Clear()
    {
        used = 0;
        firstFree = 0;
        garbage = 0;
        names.Clear();
        if (capacity <= InitialCapacity)
            return;
        MappedMemory.Unmap(entries, (nuint)capacity * (nuint)sizeof(Entry));
        MappedMemory.Unmap(slots, SlotBytes(capacity));
        entries = null;
        slots = null;
        capacity = 0;
        order.Free();
        names.Free();
    }

    /// <summary>Compacts the names when the removed ones are the larger part. Without memory for that nothing changes.</summary>
    private void DropGarbage()
    {
        if (garbage < SmallGarbage || garbage < names.Length / 2)
            return;
        var kept = new ByteBuffer();
        if (kept.Extend(names.Length - garbage).Failed)
            return;
        kept.Clear();
        for (int i = 0; i < used; i++)
        {
            int start = kept.Length;
            if (kept.Add(NameOf(entries + i)).Failed)
                Abandon.InternalInconsistency();
            entries[i].NameStart = start;
        }
        names.Free();
        names = kept;
        garbage = 0;
    }

    private static nuint SlotBytes(int capacity) => (nuint)capacity * 2 * sizeof(int);

    private readonly int SlotMask => capacity * 2 - 1;

    /// <summary>The slot of a name, or the free slot where it would be.</summary>
    private readonly int FindSlot(ReadOnlySpan<byte> name, ulong nameHash)
    {
        int slot = (int)nameHash & SlotMask;
        while (slots[slot] != 0)
        {
            Entry* entry = entries + (slots[slot] - 1);
            if (entry->Hash == nameHash && NameOf(entry).SequenceEqual(name))
                break;
            slot = (slot + 1) & SlotMask;
        }
        return slot;
    }

    private readonly void RemoveSlot(int hole)
    {
        // Entries behind the hole that belong before it move up, so that no search ends too early.
        for (int i = (hole + 1) & SlotMask; slots[i] != 0; i = (i + 1) & SlotMask)
        {
            int distanceFromHome = (i - (int)entries[slots[i] - 1].Hash) & SlotMask;
            if (distanceFromHome >= ((i - hole) & SlotMask))
            {
                slots[hole] = slots[i];
                hole = i;
            }
        }
        slots[hole] = 0;
    }

    private Errno Grow()
    {
        int grown = capacity == 0 ? InitialCapacity : capacity * 2;
        if (grown > int.MaxValue / 4)
            return new Errno(libc.ENOMEM);
        var newSlots = (int*)MappedMemory.Map(SlotBytes(grown));
        if (newSlots == null)
            return new Errno(libc.ENOMEM);
        void* newEntries = entries == null
            ? MappedMemory.Map((nuint)grown * (nuint)sizeof(Entry))
            : MappedMemory.Resize(entries, (nuint)capacity * (nuint)sizeof(Entry), (nuint)grown * (nuint)sizeof(Entry));
        if (newEntries == null)
        {
            MappedMemory.Unmap(newSlots, SlotBytes(grown));
            return new Errno(libc.ENOMEM);
        }
        if (slots != null)
            MappedMemory.Unmap(slots, SlotBytes(capacity));
        entries = (Entry*)newEntries;
        slots = newSlots;
        capacity = grown;
        for (int i = 0; i < used; i++)
        {
            if (entries[i].IsHeld)
                slots[FindSlot(NameOf(entries + i), entries[i].Hash)] = i + 1;
        }
        return default;
    }
}
