using System;
using System.Runtime.CompilerServices;
using LocalService.Errors;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.CommandLine;

/// <summary>A command line under construction, in the given memory.</summary>
internal unsafe ref struct WordList(int capacity, Allocator memory = default)
{
    private readonly byte** list = memory.AllocatePointers(capacity + 1);
    private int count;

    /// <summary>The finished command line.</summary>
    internal readonly Words Words => new(list);

    /// <summary>How many programs were added with <see cref="AddRole"/>.</summary>
    internal int Roles { get; private set; }

    /// <summary>
    /// Adds the name of a program that is a role of this executable. All such programs come before the first one that the user has given, so
    /// their number identifies them.
    /// </summary>
    internal void AddRole(scoped ReadOnlySpan<byte> program)
    {
        Add(program);
        Roles++;
    }

    internal void Add(CString word)
    {
        if (count == capacity)
            Abandon.InternalInconsistency();
        list[count++] = word;
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // called from many places
    internal void Add(scoped ReadOnlySpan<byte> word) => Add(memory.CString(word));

    /// <summary>Adds an option and its argument, unless there is none.</summary>
    internal void Add(scoped ReadOnlySpan<byte> option, CString argument)
    {
        if (argument.IsNull)
            return;
        Add(option);
        Add(argument);
    }

    /// <summary>Adds an option and its number.</summary>
    internal void Add(scoped ReadOnlySpan<byte> option, ulong number)
    {
        Add(option);
        Add(Numbers.Decimal(number, stackalloc byte[Numbers.LongestText]));
    }

    internal void Add(Words words)
    {
        for (int i = 0; i < words.Count; i++)
            Add(words.Pointer(i));
    }
}
