using System;
using System.Runtime.CompilerServices;
using LocalService.Errors;

namespace LocalService.Memory;

/// <summary>
/// Where command lines and environments are put together: in memory that lives as long as the process (the default value, see
/// <see cref="Arena"/>), or in a <see cref="Region"/> of somebody who does the same again and again.
/// </summary>
/// <param name="region">The region, or null for the memory of the process.</param>
internal readonly unsafe struct Allocator(Region* region)
{
    /// <summary>Makes sure that allocations of this many bytes in all can't fail. ENOMEM when there is no memory.</summary>
    internal Errno Ensure(nuint size) => region == null ? Arena.Ensure(size) : region->Ensure(size);

    /// <summary>Memory of unspecified content, aligned to 16 bytes. When there is none the process ends with exit code 111.</summary>
    internal byte* Allocate(nuint size) => region == null ? Arena.Allocate(size) : region->Allocate(size);

    /// <summary>A list of pointers, all null.</summary>
    internal byte** AllocatePointers(int count)
    {
        byte** list = (byte**)Allocate((nuint)count * (nuint)sizeof(byte*));
        for (int i = 0; i < count; i++)
            list[i] = null;
        return list;
    }

    /// <summary>A copy of the bytes, ended by NUL.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // called from many places
    internal CString CString(ReadOnlySpan<byte> text) => CString(text, default);

    /// <summary>The two byte strings joined and ended by NUL.</summary>
    internal CString CString(ReadOnlySpan<byte> text, ReadOnlySpan<byte> more) => CString(text, more, default);

    /// <summary>The three byte strings joined and ended by NUL.</summary>
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
