using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;

namespace LocalService.Memory;

/// <summary>
/// A table from numbers to numbers (process id to user id, user id to count): open addressing with linear probing, so that finding, adding
/// and removing take constant time at any size. It grows by half and never shrinks.
/// </summary>
internal unsafe struct NumberTable
{
    // Enough for the connections of a small server, and for the users of most servers; larger tables are whole pages.
    private const int InitialCapacity = 16;
    private const int CapacityOfPage = 512;
    private const uint HashMultiplier = 0x9E3779B9; // 2^32 divided by the golden ratio

    private Slot* slots;
    private int capacity;

    private struct Slot
    {
        internal uint KeyPlusOne; // 0 marks a free slot
        internal uint Value;
    }

    /// <summary>The number of entries.</summary>
    internal int Count { get; private set; }

    /// <summary>The number of slots for <see cref="TryAt"/>.</summary>
    internal readonly int Capacity => capacity;

    /// <summary>Makes room, so that <see cref="Set"/> of this many new numbers can't fail.</summary>
    /// <returns>ENOMEM if there is not enough memory; the table is unchanged then.</returns>
    internal Errno Reserve(uint additions)
    {
        Errno error = default;
        while (!error.Failed && (Count + (long)additions) * 4 > capacity * 3L)
            error = Grow();
        return error;
    }

    /// <summary>Removes all entries and keeps the memory.</summary>
    internal void Clear()
    {
        for (int i = 0; i < capacity; i++)
            slots[i] = default;
        Count = 0;
    }

    /// <summary>The value of a number, or 0 when it isn't in the table.</summary>
    internal readonly uint Get(uint key) => capacity == 0 ? 0 : slots[Find(key)].Value;

    /// <summary>Whether a number is in the table.</summary>
    internal readonly bool Contains(uint key) => capacity != 0 && slots[Find(key)].KeyPlusOne != 0;

    /// <summary>Adds a number, at most 4294967294, or changes its value. A new number needs a <see cref="Reserve"/> before.</summary>
    internal void Set(uint key, uint value)
    {
        Slot* slot = &slots[Find(key)];
        if (slot->KeyPlusOne == 0)
        {
            if (Count + 1 >= capacity)
                Abandon.InternalInconsistency();
            slot->KeyPlusOne = key + 1;
            Count++;
        }
        slot->Value = value;
    }

    /// <summary>Removes a number.</summary>
    /// <returns>False when it wasn't there.</returns>
    internal bool Remove(uint key, out uint value)
    {
        value = 0;
        if (capacity == 0)
            return false;
        int hole = Find(key);
        if (slots[hole].KeyPlusOne == 0)
            return false;
        value = slots[hole].Value;
        Count--;
        // Entries behind the hole that belong in front of it move up, so that no search ends too early.
        for (int i = Next(hole); slots[i].KeyPlusOne != 0; i = Next(i))
        {
            if (Distance(Home(slots[i].KeyPlusOne), i) >= Distance(hole, i))
            {
                slots[hole] = slots[i];
                hole = i;
            }
        }
        slots[hole] = default;
        return true;
    }

    /// <summary>The entry in a slot from 0 to <see cref="Capacity"/> - 1, for going through the table; false when the slot is free.</summary>
    internal readonly bool TryAt(int place, out uint key)
    {
        key = slots[place].KeyPlusOne - 1;
        return slots[place].KeyPlusOne != 0;
    }

    // The product modulo 2^32, scaled from 2^32 to the capacity.
    private readonly int Home(uint keyPlusOne) => (int)((ulong)(keyPlusOne * HashMultiplier) * (uint)capacity >> 32);

    private readonly int Next(int place) => place + 1 < capacity ? place + 1 : 0;

    private readonly int Distance(int from, int to) => to >= from ? to - from : to - from + capacity;

    private readonly int Find(uint key)
    {
        int place = Home(key + 1);
        while (slots[place].KeyPlusOne != 0 && slots[place].KeyPlusOne != key + 1)
            place = Next(place);
        return place;
    }

    private static int PagesFor(int places) => (places + CapacityOfPage - 1) / CapacityOfPage * CapacityOfPage;

    private Errno Grow()
    {
        bool first = capacity == 0;
        int newCapacity = first ? InitialCapacity : capacity < CapacityOfPage ? CapacityOfPage : PagesFor(capacity + capacity / 2);
        nuint size = (nuint)newCapacity * (nuint)sizeof(Slot);
        Errno error = first ? Arena.Ensure(size) : default;
        if (error.Failed)
            return error;
        var memory = (Slot*)(first ? Arena.Allocate(size) : MappedMemory.Map(size));
        if (memory == null)
            return new Errno(libc.ENOMEM);
        NumberTable grown = new() { slots = memory, capacity = newCapacity };
        for (int i = 0; i < capacity; i++)
        {
            if (slots[i].KeyPlusOne != 0)
                grown.Set(slots[i].KeyPlusOne - 1, slots[i].Value);
        }
        if (capacity >= CapacityOfPage)
            MappedMemory.Unmap(slots, (nuint)capacity * (nuint)sizeof(Slot));
        this = grown;
        return default;
    }
}
