using System;
using LocalService.Libc;

namespace LocalService.Memory;

/// <summary>
/// NUL-terminated bytes at a fixed address: the form in which system calls take paths, and the elements of argument lists. The default value is
/// no string at all. It converts from and to a pointer. Only rooms that make system calls need that.
/// </summary>
/// <param name="start">The first byte, or null.</param>
internal readonly unsafe struct CString(byte* start)
{
    /// <summary>Whether it is no string at all.</summary>
    internal bool IsNull => start == null;

    /// <summary>Whether the string is empty. It must be a string.</summary>
    internal bool IsEmpty => *start == 0;

    /// <summary>A byte, which must not lie behind the NUL.</summary>
    internal byte this[int index] => start[index];

    public static implicit operator CString(byte* start) => new(start);

    public static implicit operator byte*(CString text) => text.Start;

    private byte* Start => start;
}
