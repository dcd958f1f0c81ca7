using System;
using LocalService.Errors;
using LocalService.Posix;

namespace LocalService.Messages;

/// <summary>Received descriptors in their order, for the caller to take: those that weren't taken are closed.</summary>
internal unsafe struct DescriptorQueue
{
    private const int Taken = -1;

    private fixed int numbers[MessageFormat.MostDescriptors];

    internal int Count { get; private set; }

    /// <summary>The last descriptor, or -1.</summary>
    internal readonly int Last => Count == 0 ? Taken : numbers[Count - 1];

    /// <summary>Adds descriptors. False when there are too many: nothing was added then.</summary>
    internal bool TryAdd(ReadOnlySpan<int> descriptors)
    {
        if (descriptors.Length > MessageFormat.MostDescriptors - Count)
            return false;
        foreach (int descriptor in descriptors)
            numbers[Count++] = descriptor;
        return true;
    }

    /// <summary>Passes a descriptor to the caller. Each can be taken once.</summary>
    internal int Take(int index)
    {
        if ((uint)index >= (uint)Count || numbers[index] == Taken)
            Abandon.InternalInconsistency();
        int descriptor = numbers[index];
        numbers[index] = Taken;
        return descriptor;
    }

    /// <summary>Drops the first descriptors and closes those that weren't taken.</summary>
    internal void Drop(int count)
    {
        Close(0, count);
        for (int i = count; i < Count; i++)
            numbers[i - count] = numbers[i];
        Count -= count;
    }

    /// <summary>Drops the descriptors from an index on, and closes those that weren't taken.</summary>
    internal void DropFrom(int index)
    {
        Close(index, Count);
        Count = index;
    }

    private readonly void Close(int from, int to)
    {
        for (int i = from; i < to; i++)
        {
            if (numbers[i] != Taken)
                ForeignDescriptors.Close(numbers[i]);
        }
    }
}
