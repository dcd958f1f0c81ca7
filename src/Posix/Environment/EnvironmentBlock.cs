using System;
using LocalService.Libc;
using LocalService.Memory;

namespace LocalService.Posix;

/// <summary>
/// A list of <c>NAME=VALUE</c> strings, environ(7), with the edits of the toolkit. The list that it starts from is never written to:
/// the first edit copies the pointers. Specification "conventions", section 5, with decision 7 (every copy of a name is edited).
/// </summary>
internal unsafe struct EnvironmentBlock
{
    private const int SpareEntries = 16;

    private byte** entries;
    private int count;
    private int capacity;
    private readonly Allocator memory;

    /// <summary>Starts from a list ended by a null pointer.</summary>
    internal EnvironmentBlock(byte** list)
    {
        entries = list;
        while (list[count] != null)
            count++;
    }

    /// <summary>Starts from a list of known length, ended by a null pointer. Edits allocate from the given memory.</summary>
    internal EnvironmentBlock(byte** list, int count, Allocator memory)
    {
        this.memory = memory;
        this.count = count;
        entries = list;
    }

    /// <summary>The list, ended by a null pointer, as execve(2) takes it.</summary>
    internal readonly byte** List => entries;

    internal readonly int Count => count;

    /// <summary>The most memory, in bytes, that edits take.</summary>
    /// <param name="entries">How many entries the list has.</param>
    /// <param name="edits">The edits, each ended by NUL; the few edits that the toolkit adds itself are included.</param>
    internal static nuint LargestEditCost(int entries, ReadOnlySpan<byte> edits)
    {
        const nuint LargestOwnEdits = 16 * 1024;
        // The list is copied whenever it is full, to twice the size; each edit takes two bytes at least and is rounded up to 16.
        nuint added = (nuint)edits.Length;
        nuint lists = 4 * ((nuint)entries + added / 2 + SpareEntries) * (nuint)sizeof(byte*);
        return lists + added * 8 + LargestOwnEdits;
    }

    /// <summary>The value of the first entry of that name, as getenv(3) finds it.</summary>
    internal readonly bool TryGet(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        byte* entry = EntryOf(name);
        value = entry == null ? default : Bytes.OfC(entry + name.Length + 1);
        return entry != null;
    }

    /// <summary>The first entry of that name, or null.</summary>
    internal readonly byte* EntryOf(ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < count; i++)
        {
            if (IsNamed(entries[i], name))
                return entries[i];
        }
        return null;
    }

    /// <summary>Sets a variable: removes every entry of that name and appends a new one.</summary>
    internal void Set(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => SetEntry(name, memory.CString(name, "="u8, value));

    /// <summary>Sets a variable when there is a value for it, and removes it otherwise.</summary>
    internal void SetIf(bool hasValue, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (hasValue)
            Set(name, value);
        else
            Unset(name);
    }

    /// <summary>
    /// Sets a variable to an entry that the caller keeps, as one C string <c>NAME=VALUE</c>. Its value may change later without any edit.
    /// </summary>
    internal void SetEntry(ReadOnlySpan<byte> name, byte* entry)
    {
        Unset(name);
        Append(entry);
    }

    /// <summary>Removes every entry of that name. The last entry of the list moves into each hole.</summary>
    internal void Unset(ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < count;)
        {
            if (!IsNamed(entries[i], name))
            {
                i++;
                continue;
            }
            MakeWritable();
            entries[i] = entries[--count];
            entries[count] = null;
        }
    }

    /// <summary>Applies one edit: <c>NAME=VALUE</c> sets, <c>NAME</c> alone unsets.</summary>
    internal void Apply(ReadOnlySpan<byte> edit)
    {
        int separator = edit.IndexOf((byte)'=');
        if (separator < 0)
            Unset(edit);
        else
            Set(edit[..separator], edit[(separator + 1)..]);
    }

    private static bool IsNamed(byte* entry, ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < name.Length; i++)
        {
            if (entry[i] != name[i])
                return false; // also at the end of the entry: a name holds no NUL
        }
        return entry[name.Length] == (byte)'=';
    }

    private void Append(byte* entry)
    {
        MakeWritable();
        if (count + 1 == capacity)
            Copy(capacity * 2);
        entries[count++] = entry;
        entries[count] = null;
    }

    private void MakeWritable()
    {
        if (capacity == 0)
            Copy(count + 1 + SpareEntries);
    }

    private void Copy(int newCapacity)
    {
        byte** copy = memory.AllocatePointers(newCapacity);
        for (int i = 0; i < count; i++)
            copy[i] = entries[i];
        entries = copy;
        capacity = newCapacity;
    }
}
