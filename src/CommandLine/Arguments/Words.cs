using System;
using System.Runtime.CompilerServices;
using LocalService.Errors;
using LocalService.Memory;

namespace LocalService.CommandLine;

/// <summary>The words of a command line: C strings in a list that a null pointer ends, as execve(2) takes it.</summary>
internal readonly unsafe struct Words
{
    /// <summary>Starts from a list that a null pointer ends.</summary>
    internal Words(byte** list)
    {
        List = list;
        while (list[Count] != null)
            Count++;
    }

    /// <summary>The list itself.</summary>
    internal byte** List { get; }

    internal int Count { get; }

    /// <summary>A word, without its NUL.</summary>
    internal ReadOnlySpan<byte> this[int index] => Bytes.OfC(Pointer(index));

    /// <summary>A word as a C string. An index outside of the list ends the process.</summary>
    internal CString Pointer(int index)
    {
        if ((uint)index >= (uint)Count)
            Abandon.InternalInconsistency();
        return List[index];
    }

    /// <summary>Whether the words are the name of a program and <c>--help</c>.</summary>
    internal bool AsksForHelp => Count == 2 && this[1].SequenceEqual("--help"u8);

    /// <summary>The words from an index on, which may be the number of words.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal Words From(int index)
    {
        if ((uint)index > (uint)Count)
            Abandon.InternalInconsistency();
        return new Words(List + index);
    }
}
