using LocalService.Errors;

namespace LocalService.Dns.Resolving;

/// <summary>
/// The deadlines of numbered things, the soonest first: a binary heap that knows where each number is, so that setting, moving and removing one take
/// logarithmic time. Touches memory only as far as it was ever used.
/// </summary>
internal unsafe struct DeadlineHeap
{
    private Item* items;
    private int* places; // of a number in the heap, plus 1; 0: it has no deadline
    private int capacity;
    private int count;

    private struct Item
    {
        internal long Deadline;
        internal int Number;
    }

    /// <summary>The memory that the numbers from 0 to <paramref name="numbers"/> - 1 need, in bytes, a multiple of 16.</summary>
    internal static nuint SizeOf(int numbers) => ((nuint)numbers * (nuint)(sizeof(Item) + sizeof(int)) + 15) & ~(nuint)15;

    /// <summary>Begins, in zeroed memory of the size that <see cref="SizeOf"/> returns.</summary>
    internal void Open(byte* memory, int numbers)
    {
        capacity = numbers;
        items = (Item*)memory;
        places = (int*)(items + numbers);
    }

    /// <summary>Sets or changes the deadline of a number.</summary>
    internal void Set(int number, long deadline)
    {
        CheckNumber(number);
        if (places[number] == 0)
            places[number] = ++count;
        Settle(places[number] - 1, new Item { Deadline = deadline, Number = number });
    }

    /// <summary>Removes the deadline of a number, if it has one.</summary>
    internal void Remove(int number)
    {
        CheckNumber(number);
        int hole = places[number] - 1;
        if (hole < 0)
            return;
        places[number] = 0;
        Item last = items[--count];
        if (last.Number != number)
            Settle(hole, last);
    }

    /// <summary>The soonest deadline and its number; false when there is none.</summary>
    internal readonly bool TryFirst(out int number, out long deadline)
    {
        number = count == 0 ? -1 : items[0].Number;
        deadline = count == 0 ? long.MaxValue : items[0].Deadline;
        return count > 0;
    }

    private readonly void CheckNumber(int number)
    {
        if ((uint)number >= (uint)capacity)
            Abandon.InternalInconsistency();
    }

    /// <summary>Puts an item at a free place, or as far above or below as it belongs.</summary>
    private readonly void Settle(int place, Item item)
    {
        while (place > 0 && items[(place - 1) / 2].Deadline > item.Deadline)
        {
            Put(place, items[(place - 1) / 2]);
            place = (place - 1) / 2;
        }
        for (int child = place * 2 + 1; child < count; child = place * 2 + 1)
        {
            if (child + 1 < count && items[child + 1].Deadline < items[child].Deadline)
                child++;
            if (items[child].Deadline >= item.Deadline)
                break;
            Put(place, items[child]);
            place = child;
        }
        Put(place, item);
    }

    private readonly void Put(int place, Item item)
    {
        items[place] = item;
        places[item.Number] = place + 1;
    }
}
