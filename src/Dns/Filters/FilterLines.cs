using System;
using LocalService.Dns.Packets;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Dns.Filters;

/// <summary>
/// The lines that a filter has read and not written yet, in their order, known by their places in a ring. A line keeps its own text until its output
/// replaces it.
/// </summary>
internal unsafe struct FilterLines
{
    private Entry* entries;
    private int capacity;
    private int first;

    private struct Entry
    {
        internal byte* Text;
        internal int Length;
        internal int WordLength;
        internal bool IsDone;
    }

    /// <summary>How many lines there are.</summary>
    internal int Count { get; private set; }

    internal readonly bool IsFull => Count == capacity;

    /// <summary>Allocates memory for a number of lines. ENOMEM when there is none.</summary>
    internal Errno Open(int most)
    {
        capacity = most;
        entries = (Entry*)MappedMemory.Map((nuint)most * (nuint)sizeof(Entry));
        return entries == null ? new Errno(libc.ENOMEM) : default;
    }

    /// <summary>Appends a line. The caller makes sure that there is room.</summary>
    /// <returns>Its place; ENOMEM.</returns>
    internal Result<int> Add(ReadOnlySpan<byte> line, int wordLength)
    {
        int place = (first + Count) % capacity;
        entries[place] = new Entry { WordLength = wordLength };
        Errno error = Keep(&entries[place], line);
        if (error.Failed)
            return error;
        Count++;
        return place;
    }

    /// <summary>Whether a place holds a line that isn't done.</summary>
    internal readonly bool IsWaiting(int place) => place < capacity && (place - first + capacity) % capacity < Count && !entries[place].IsDone;

    /// <summary>The place of the first line that isn't done; -1 when there is none.</summary>
    internal readonly int FirstWaiting
    {
        get
        {
            for (int i = 0; i < Count; i++)
            {
                if (IsWaiting((first + i) % capacity))
                    return (first + i) % capacity;
            }
            return -1;
        }
    }

    /// <summary>The line at a place, as it was read.</summary>
    internal readonly FilterLine At(int place) => new(new ReadOnlySpan<byte>(entries[place].Text, entries[place].Length), entries[place].WordLength);

    /// <summary>Marks the line at a place as done, and stores its output. ENOMEM.</summary>
    internal readonly Errno Finish(int place, ReadOnlySpan<byte> output)
    {
        Entry* entry = &entries[place];
        Heap.Free(entry->Text);
        entry->IsDone = true;
        return Keep(entry, output);
    }

    /// <summary>Moves the output of the lines before the first one that isn't done to the end of a text.</summary>
    internal void TakeDone(ref OutputText output)
    {
        while (Count > 0 && entries[first].IsDone)
        {
            output.Add(new ReadOnlySpan<byte>(entries[first].Text, entries[first].Length));
            Heap.Free(entries[first].Text);
            first = (first + 1) % capacity;
            Count--;
        }
    }

    private static Errno Keep(Entry* entry, ReadOnlySpan<byte> text)
    {
        entry->Text = Heap.Allocate((nuint)text.Length + 1);
        entry->Length = text.Length;
        if (entry->Text == null)
            return new Errno(libc.ENOMEM);
        text.CopyTo(new Span<byte>(entry->Text, text.Length));
        return default;
    }
}
