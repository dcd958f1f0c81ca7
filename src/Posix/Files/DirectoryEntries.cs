using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;

namespace LocalService.Posix;

/// <summary>The entries of an open directory, in no order, one after the other: getdents64(2), from its current position.</summary>
/// <param name="directory">The directory.</param>
/// <param name="buffer">Memory that doesn't move, of <see cref="BufferSize"/> bytes.</param>
internal unsafe ref struct DirectoryEntries(int directory, Span<byte> buffer)
{
    /// <summary>The size of the buffer, for several dozen entries: on a stack, which may be small.</summary>
    internal const int BufferSize = 2 * 1024;

    private readonly Span<byte> buffer = buffer;
    private libc.dirent64* entry;
    private byte* end;

    /// <summary>Why the entries ended early.</summary>
    internal Errno Error { get; private set; }

    /// <summary>The name of the entry, as a C string; <c>.</c> and <c>..</c> are entries as well.</summary>
    internal readonly CString Name => (byte*)entry + libc.dirent64.NameOffset;

    /// <summary>Whether it may be a FIFO: the kernel says so, or doesn't say.</summary>
    internal readonly bool MayBeFifo => entry->d_type is libc.DT_FIFO or libc.DT_UNKNOWN;

    /// <summary>Goes to the next entry. False after the last one, or after an error.</summary>
    internal bool MoveNext()
    {
        if (entry != null)
            entry = (libc.dirent64*)((byte*)entry + entry->d_reclen);
        if (entry != null && (byte*)entry < end)
            return true;
        fixed (byte* start = buffer)
        {
            nint size;
            do
                size = libc.getdents64(directory, start, (nuint)buffer.Length);
            while (Errno.Interrupted(size));
            Error = Errno.Of(size);
            entry = size > 0 ? (libc.dirent64*)start : null;
            end = start + size;
        }
        return entry != null;
    }
}
