using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Services;

/// <summary>
/// Numbers in the order of their dates, each date once: a sorted array. Finding takes logarithmic time. Adding and removing move the entries on the
/// nearer side, which takes microseconds for tens of thousands of entries, and nothing at the ends, where most changes happen.
/// </summary>
/// <typeparam name="TMoment">The type of a date: a moment of the wall clock, or of a clock that no one can set.</typeparam>
internal unsafe struct DeadlineOrder<TMoment> where TMoment : unmanaged, IMoment<TMoment>
{
    private const int InitialCapacity = 64;

    private Item* items;
    private int capacity;
    private int start;
    private int count;

    private struct Item
    {
        internal TMoment Date;
        internal int Number;
    }

    /// <summary>How many there are.</summary>
    internal readonly int Count => count;

    /// <summary>Makes room, so that this many calls of <see cref="Add"/> can't fail. ENOMEM.</summary>
    internal Errno Reserve(int additions)
    {
        if (count + additions <= capacity)
            return default;
        long wanted = capacity == 0 ? InitialCapacity : capacity;
        while (wanted < (long)count + additions)
            wanted *= 2;
        void* grown = items == null
            ? MappedMemory.Map((nuint)wanted * (nuint)sizeof(Item))
            : MappedMemory.Resize(items, (nuint)capacity * (nuint)sizeof(Item), (nuint)wanted * (nuint)sizeof(Item));
        if (grown == null)
            return new Errno(libc.ENOMEM);
        items = (Item*)grown;
        capacity = (int)wanted;
        return default;
    }

    /// <summary>Adds a number with a date, or with the first later one that isn't in use yet, in steps of a nanosecond.</summary>
    /// <returns>The date that it got.</returns>
    internal TMoment Add(TMoment date, int number)
    {
        if (count == capacity)
            Abandon.InternalInconsistency();
        int index = FirstNotBefore(date);
        int run = LengthOfRun(index, date);
        index += run;
        date = date.PlusNanoseconds((uint)run);
        bool frontMoves = start > 0 && (index < count - index || start + count == capacity);
        if (frontMoves)
        {
            Part(0, index).CopyTo(Part(-1, index));
            start--;
        }
        else
        {
            Part(index, count - index).CopyTo(Part(index + 1, count - index));
        }
        count++;
        *At(index) = new Item { Date = date, Number = number };
        return date;
    }

    /// <summary>Removes the entry with exactly this date.</summary>
    internal void Remove(TMoment date)
    {
        int index = FirstNotBefore(date);
        if (index == count || !At(index)->Date.Equals(date))
            Abandon.InternalInconsistency();
        if (index < count - index)
        {
            Part(0, index).CopyTo(Part(1, index));
            start++;
        }
        else
        {
            Part(index + 1, count - index - 1).CopyTo(Part(index, count - index - 1));
        }
        if (--count == 0)
            start = 0;
    }

    /// <summary>The date at a position, from 0 to <see cref="Count"/> - 1.</summary>
    internal readonly TMoment DateAt(int position)
    {
        if ((uint)position >= (uint)count)
            Abandon.InternalInconsistency();
        return At(position)->Date;
    }

    /// <summary>The number at a position, from 0 to <see cref="Count"/> - 1.</summary>
    internal readonly int NumberAt(int position)
    {
        if ((uint)position >= (uint)count)
            Abandon.InternalInconsistency();
        return At(position)->Number;
    }

    /// <summary>Frees the memory.</summary>
    internal void Free()
    {
        if (items != null)
            MappedMemory.Unmap(items, (nuint)capacity * (nuint)sizeof(Item));
        this = default;
    }

    private readonly Item* At(int position) => items + start + position;

    private readonly Span<Item> Part(int position, int length) => new(At(position), length);

    /// <summary>The position of the first date that isn't before a given one; <see cref="Count"/> when there is none.</summary>
    internal readonly int FirstNotBefore(TMoment date)
    {
        int low = 0;
        for (int high = count; low < high;)
        {
            int middle = low + (high - low) / 2;
            if (At(middle)->Date.IsBefore(date))
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    /// <summary>
    /// How many dates from a position on follow each other nanosecond by nanosecond, beginning with the given date. As no date comes twice, the
    /// distance between a date and its position in such a run never shrinks: the end of the run is found by bisection as well.
    /// </summary>
    private readonly int LengthOfRun(int index, TMoment date)
    {
        int low = 0;
        for (int high = count - index; low < high;)
        {
            int middle = low + (high - low) / 2;
            if (At(index + middle)->Date.Equals(date.PlusNanoseconds((uint)middle)))
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
