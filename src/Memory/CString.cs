using System;
using LocalService.Libc;

namespace LocalService.Memory;

/// <summary>
/// Bytes that end in NUL, at an address that stays: what system calls take as a path, and what argument lists consist of. The default value is no
/// string at all. It converts from a pointer and to one, which only rooms that make system calls need.
/// </summary>
/// <param name="start">The first byte, or null.</param>
internal readonly unsafe struct CString(byte* start)
{
    /// <summary>Whether it is no string at all.</summary>
    internal bool IsNull => start == null;

    /// <summary>Whether nothing stands in front of the NUL. It must be a string.</summary>
    internal bool IsEmpty => *start == 0;

    /// <summary>A byte, which must not lie behind the NUL.</summary>
    internal byte this[int index] => start[index];

    public static implicit operator CString(byte* start) => new(start);

    public static implicit operator byte*(CString text) => text.Start;

    private byte* Start => start;
}
