using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Events;

/// <summary>
/// A directory in which listeners have FIFOs and a notifier writes to all of them. Only FIFOs are ever opened, and never through a symbolic
/// link (decision 21): anybody may put anything there. Specification "ftrig", section 1.
/// </summary>
internal static unsafe class FifoDirectory
{
    private const uint Private = 0x1C0; // 0700
    private const uint Public = 0x3DB; // 1733
    private const uint Restricted = 0x7D8; // 3730

    /// <summary>Makes a fifodir. Leaves an existing one as it is, unless it should be corrected.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="group">The group that may subscribe besides the owner; null: everybody.</param>
    /// <param name="corrects">Whether to set group and permissions of an existing one as well.</param>
    /// <returns>EACCES when it belongs to somebody else, ENOTDIR when it isn't a directory.</returns>
    internal static Errno Make(CString path, uint? group, bool corrects)
    {
        Errno error = DirectoryEntry.MakeDirectory(LibC.AT_FDCWD, path, Private);
        if (error.Is(libc.EEXIST))
        {
            error = CheckOwned(path);
            if (!corrects)
                return error;
        }
        return error && SetAccess(path, group);
    }

    /// <summary>Writes bytes into the FIFO of each listener. A full FIFO loses them; a FIFO that nobody reads is removed.</summary>
    internal static Errno Notify(CString path, ReadOnlySpan<byte> events)
    {
        using var directory = Descriptor.Open(LibC.AT_FDCWD, path, LibC.O_RDONLY | LibC.O_DIRECTORY);
        if (directory.Number < 0)
            return Errno.Last;
        var entries = new DirectoryEntries(directory.Number, stackalloc byte[DirectoryEntries.BufferSize]);
        while (entries.MoveNext())
        {
            if (entries.MayBeFifo && FifoName.IsOne(Bytes.OfC(entries.Name)))
                Notify(directory.Number, entries.Name, events);
        }
        return entries.Error;
    }

    /// <summary>Removes the FIFOs that nobody reads.</summary>
    internal static Errno Clean(CString path) => Notify(path, default);

    private static void Notify(int directory, CString name, ReadOnlySpan<byte> events)
    {
        using var fifo = Descriptor.Open(directory, name, LibC.O_WRONLY | LibC.O_NONBLOCK | LibC.O_NOFOLLOW | LibC.O_NOCTTY);
        bool isUnread = fifo.Number < 0 && libc.errno == libc.ENXIO;
        if (fifo.Number >= 0 && !events.IsEmpty && IsFifo(FileStatus.OfDescriptor(fifo.Number)))
            isUnread = Write(fifo.Number, events).Is(libc.EPIPE);
        // Sockets give the same error.
        if (isUnread && IsFifo(FileStatus.OfLink(directory, name)))
            _ = DirectoryEntry.Remove(directory, name);
    }

    private static bool IsFifo(Result<FileStatus> status) => !status.Failed && status.Value.IsFifo;

    /// <summary>Writes with one write(2), which a FIFO takes whole or, when it is long, in part.</summary>
    private static Errno Write(int fifo, ReadOnlySpan<byte> events)
    {
        nint size;
        fixed (byte* start = events)
        {
            do
                size = libc.write(fifo, start, (nuint)events.Length);
            while (Errno.Interrupted(size));
        }
        return Errno.Of(size);
    }

    private static Errno CheckOwned(CString path)
    {
        Result<FileStatus> status = FileStatus.Of(path);
        if (status.Failed)
            return status.Error;
        if (status.Value.Owner != libc.getuid())
            return new Errno(libc.EACCES);
        return status.Value.IsDirectory ? default : new Errno(libc.ENOTDIR);
    }

    private static Errno SetAccess(CString path, uint? group)
    {
        const uint Unchanged = uint.MaxValue;
        using var directory = Descriptor.Open(LibC.AT_FDCWD, path, LibC.O_RDONLY | LibC.O_DIRECTORY);
        if (directory.Number < 0)
            return Errno.Last;
        // Changing the group clears the bit that is set after it.
        if (group.HasValue && libc.fchown(directory.Number, Unchanged, group.GetValueOrDefault()) < 0)
            return Errno.Last;
        return Errno.Of(libc.fchmod(directory.Number, group.HasValue ? Restricted : Public));
    }
}
