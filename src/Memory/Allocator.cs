using System;
using System.Runtime.CompilerServices;
using LocalService.Errors;

namespace LocalService.Memory;

/// <summary>
/// The memory for command lines and environments: it lives as long as the process (the default value, see
/// <see cref="Arena"/>), or belongs to a <see cref="Region"/> of a caller that repeats the same work.
/// </summary>
/// <param name="region">The region, or null for the memory of the process.</param>
internal readonly unsafe struct Allocator(Region* region)
{
    /// <summary>Makes sure that allocations of this many bytes in total can't fail. ENOMEM if there is not enough memory.</summary>
    internal Errno Ensure(nuint size) => region == null ? Arena.Ensure(size) : region->Ensure(size);

    /// <summary>Memory of unspecified content, aligned to 16 bytes. Without memory the process ends with exit code 111.</summary>
    internal byte* Allocate(nuint size) => region == null ? Arena.Allocate(size) : region->Allocate(size);

    /// <summary>A list of pointers, all null.</summary>
    internal byte** AllocatePointers(int count)
    {
        byte** list = (byte**)Allocate((nuint)count * (nuint)sizeof(byte*));
        for (int i = 0; i < count; i++)
            list[i] = null;
        return list;
    }

    /// <summary>A NUL-terminated copy of the bytes.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // called from many places
    internal CString CString(ReadOnlySpan<byte> text) => CString(text, default);

    /// <summary>The two byte strings joined, NUL-terminated.</summary>
    internal CString CString(ReadOnlySpan<byte> text, ReadOnlySpan<byte> more) => CString(text, more, default);

    /// <summary>The three byte strings joined, NUL-terminated.</summary>
    internal CString CString(ReadOnlySpan<byte> text, ReadOnlySpan<byte> more, ReadOnlySpan<byte> last)
    {
        int length = text.Length + more.Length + last.Length;
        byte* copy = Allocate((nuint)length + 1);
        var target = new Span<byte>(copy, length);
        text.CopyTo(target);
        more.CopyTo(target[text.Length..]);
        last.CopyTo(target[(text.Length + more.Length)..]);
        copy[length] = 0;
        return copy;
    }
}
