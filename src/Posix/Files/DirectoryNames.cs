using System;
using LocalService.Errors;
using LocalService.Memory;

namespace LocalService.Posix;

/// <summary>
/// The names in a directory, in bytewise order, without those that start with a dot. Reading another directory replaces the names and reuses their
/// memory.
/// </summary>
internal unsafe struct DirectoryNames
{
    private ByteBuffer names; // C strings, one after the other
    private ByteBuffer starts; // where each begins in names, sorted: an int each

    internal readonly int Count => starts.Length / sizeof(int);

    /// <summary>A name, as a C string.</summary>
    internal readonly byte* this[int index] => names.Pointer + Starts[index];

    private readonly Span<int> Starts => new(starts.Pointer, Count);

    /// <summary>Lists an open directory with getdents64(2), from its current position.</summary>
    internal Errno Read(int directory)
    {
        names.Clear();
        starts.Clear();
        var entries = new DirectoryEntries(directory, stackalloc byte[DirectoryEntries.BufferSize]);
        while (entries.MoveNext())
        {
            Errno error = Add(Bytes.OfC(entries.Name));
            if (error.Failed)
                return error;
        }
        Sort();
        return entries.Error;
    }

    internal void Free()
    {
        names.Free();
        starts.Free();
    }

    private Errno Add(ReadOnlySpan<byte> name)
    {
        if (name[0] == (byte)'.')
            return default;
        int start = names.Length;
        return starts.Add(new ReadOnlySpan<byte>(&start, sizeof(int))) && names.Add(name) && names.Add(0);
    }

    // Heapsort: no recursion, no memory, and no order of the names on disk makes it slow.
    private readonly void Sort()
    {
        for (int root = Count / 2 - 1; root >= 0; root--)
            SiftDown(root, Count);
        for (int end = Count - 1; end > 0; end--)
        {
            Swap(0, end);
            SiftDown(0, end);
        }
    }

    private readonly void SiftDown(int root, int end)
    {
        while (true)
        {
            int child = 2 * root + 1;
            if (child >= end)
                return;
            if (child + 1 < end && IsBefore(child, child + 1))
                child++;
            if (!IsBefore(root, child))
                return;
            Swap(root, child);
            root = child;
        }
    }

    private readonly bool IsBefore(int left, int right) => Bytes.Compare(Bytes.OfC(this[left]), Bytes.OfC(this[right])) < 0;

    private readonly void Swap(int left, int right) => (Starts[left], Starts[right]) = (Starts[right], Starts[left]);
}
