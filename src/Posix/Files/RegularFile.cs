using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;

namespace LocalService.Posix;

/// <summary>Regular files: opened without ever waiting, read and written whole.</summary>
internal static unsafe class RegularFile
{
    /// <summary>
    /// Opens a file for reading, close-on-exec. Nothing that could block or have side effects is read: EISDIR for a directory,
    /// ENODEV for a FIFO or a device (open(2) itself answers ENXIO for a socket).
    /// </summary>
    /// <param name="directory">What a relative path starts from, an open directory or AT_FDCWD.</param>
    /// <param name="path">The path, as a C string.</param>
    /// <param name="status">The file's status.</param>
    internal static Result<int> Open(int directory, CString path, out FileStatus status)
    {
        status = default;
        using var file = Descriptor.Open(directory, path, LibC.O_RDONLY | LibC.O_NONBLOCK | LibC.O_NOCTTY);
        if (file.Number < 0)
            return Errno.Last;
        Result<FileStatus> found = FileStatus.OfDescriptor(file.Number);
        if (found.Failed)
            return found.Error;
        status = found.Value;
        if (!status.IsRegular)
            return new Errno(status.IsDirectory ? libc.EISDIR : libc.ENODEV);
        return file.Release();
    }

    /// <summary>Opens a file, reads it up to the size of the destination and closes it again.</summary>
    /// <returns>The number of bytes read.</returns>
    internal static Result<int> Read(int directory, CString path, Span<byte> destination)
    {
        Result<int> opened = Open(directory, path, out FileStatus status);
        if (opened.Failed)
            return opened;
        using var file = new Descriptor(opened.Value);
        // A file that reports its size needs no further read to find its end. A file of the kernel reports 0.
        if (status.Size > 0 && status.Size < (ulong)destination.Length)
            destination = destination[..(int)status.Size];
        return ReadAt(file.Number, 0, destination);
    }

    /// <summary>Opens a file, reads all of it and closes it again. EFBIG when it is larger than it may be.</summary>
    /// <param name="directory">What a relative path starts from, an open directory or AT_FDCWD.</param>
    /// <param name="path">The path, as a C string.</param>
    /// <param name="largest">The largest size that is allowed, in bytes.</param>
    /// <param name="content">Receives the bytes at its end. Meaningless after an error.</param>
    internal static Errno ReadWhole(int directory, CString path, int largest, ref ByteBuffer content)
    {
        const int ChunkSize = 16 * 1024;
        Result<int> opened = Open(directory, path, out _);
        if (opened.Failed)
            return opened.Error;
        using var file = new Descriptor(opened.Value);
        for (int total = 0; ;)
        {
            int start = content.Length;
            Errno error = content.Extend(ChunkSize);
            if (error.Failed)
                return error;
            Result<int> count = ReadAt(file.Number, total, content.Content[start..]);
            if (count.Failed)
                return count.Error;
            content.Truncate(start + count.Value);
            total += count.Value;
            if (total > largest)
                return new Errno(libc.EFBIG);
            if (count.Value < ChunkSize)
                return default;
        }
    }

    /// <summary>Reads at an offset until the destination is full or the file ends.</summary>
    /// <returns>The number of bytes read.</returns>
    internal static Result<int> ReadAt(int file, long offset, Span<byte> destination)
    {
        int total = 0;
        while (total < destination.Length)
        {
            nint count;
            fixed (byte* target = destination)
                count = libc.pread(file, target + total, (nuint)(destination.Length - total), offset + total);
            if (count == 0)
                break;
            if (count > 0)
                total += (int)count;
            else if (libc.errno != libc.EINTR)
                return Errno.Last;
        }
        return total;
    }

    /// <summary>Writes all bytes at an offset.</summary>
    internal static Errno WriteAt(int file, long offset, ReadOnlySpan<byte> bytes)
    {
        for (int total = 0; total < bytes.Length;)
        {
            nint count;
            fixed (byte* source = bytes)
                count = libc.pwrite(file, source + total, (nuint)(bytes.Length - total), offset + total);
            if (count >= 0)
                total += (int)count;
            else if (libc.errno != libc.EINTR)
                return Errno.Last;
        }
        return default;
    }

    /// <summary>Copies the content of one open file to another, from the start to the end.</summary>
    internal static Errno Copy(int source, int target)
    {
        const int ChunkSize = 32 * 1024;
        Span<byte> buffer = stackalloc byte[ChunkSize];
        for (long offset = 0; ;)
        {
            Result<int> count = ReadAt(source, offset, buffer);
            if (count.Failed || count.Value == 0)
                return count.Error;
            Errno error = WriteAt(target, offset, buffer[..count.Value]);
            if (error.Failed)
                return error;
            offset += count.Value;
        }
    }
}
