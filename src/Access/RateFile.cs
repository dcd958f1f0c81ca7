using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Access;

/// <summary>
/// The times of a client's last connections, in a file. The oldest time tells whether another connection is allowed now, so no period of that
/// length has more connections, wherever it begins. Refused connections don't count. The holder of the file's lock decides, in any process or
/// thread. Times are those of <see cref="Clock.Milliseconds"/>: a time later than now is from before a restart of the machine.
/// </summary>
/// <param name="connections">The most connections in a period.</param>
/// <param name="seconds">The length of a period.</param>
internal readonly unsafe struct RateFile(uint connections, uint seconds)
{
    /// <summary>The longest name of a file, with the NUL at its end.</summary>
    internal const int LongestName = 64;

    private const uint FilePermissions = 0x180; // 0600

    // A cleanup of the directory may remove the file at this moment.
    private const int Attempts = 10;

    private struct Header
    {
        internal uint Connections; // 0: nothing counted yet
        internal uint Oldest;
    }

    /// <summary>Counts a connection, unless there were too many.</summary>
    /// <param name="directory">The directory, as a C string.</param>
    /// <param name="name">The name of the file, ended by a NUL.</param>
    /// <returns>Whether it was counted; errors of open(2), flock(2), read(2) and write(2); EINVAL if the file isn't regular or is damaged.</returns>
    internal Result<bool> TryCount(CString directory, ReadOnlySpan<byte> name)
    {
        using var folder = Descriptor.Open(LibC.AT_FDCWD, directory, LibC.O_PATH | LibC.O_DIRECTORY);
        if (folder.Number < 0)
            return Errno.Last;
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            fixed (byte* path = name)
            {
                using var file = Descriptor.Open(
                    folder.Number, path, LibC.O_RDWR | LibC.O_CREAT | LibC.O_NOFOLLOW | LibC.O_NONBLOCK | LibC.O_NOCTTY, FilePermissions);
                if (file.Number < 0)
                    return Errno.Last;
                int locked;
                do
                    locked = libc.flock(file.Number, libc.LOCK_EX);
                while (Errno.Interrupted(locked));
                Result<FileStatus> status = locked < 0 ? Errno.Last : FileStatus.OfDescriptor(file.Number);
                if (status.Failed)
                    return status.Error;
                if (!status.Value.IsRegular)
                    return new Errno(libc.EINVAL);
                if (status.Value.LinkCount > 0)
                    return TryCount(file.Number, (long)status.Value.Size);
            }
        }
        return new Errno(libc.EBUSY);
    }

    private Result<bool> TryCount(int file, long fileSize)
    {
        long fullSize = sizeof(Header) + connections * (long)sizeof(long);
        long time = 0;
        var word = new Span<byte>(&time, sizeof(long));
        Header header = default;
        var head = new Span<byte>(&header, sizeof(Header));
        Result<int> size = RegularFile.ReadAt(file, 0, head);
        if (size.Failed)
            return size.Error;
        // An empty file has no counted connection, nor has one whose first header could not be written.
        Errno error = default;
        bool isNew = header.Connections == 0 && header.Oldest == 0;
        if (isNew)
        {
            // The file has its full size from the start: if it is shorter, times were lost.
            header.Connections = connections;
            error = fileSize < fullSize ? RegularFile.WriteAt(file, fullSize - sizeof(long), word) : default;
        }
        else if (fileSize != fullSize || header.Connections != connections || header.Oldest >= connections)
            error = new Errno(libc.EINVAL);
        if (error.Failed)
            return error;
        long now = Clock.Milliseconds;
        long place = sizeof(Header) + header.Oldest * (long)sizeof(long);
        if (!isNew)
            size = RegularFile.ReadAt(file, place, word);
        if (size.Failed)
            return size.Error;
        if (time > 0 && time <= now && now - time < seconds * 1000L)
            return false;
        header.Oldest = (header.Oldest + 1) % connections;
        // The time goes first: without the header, it would only be read as the oldest one again.
        time = now;
        error = RegularFile.WriteAt(file, place, word) && RegularFile.WriteAt(file, 0, head);
        return error.Failed ? error : true;
    }
}
