using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Cdb;

/// <summary>
/// A database in a file. It is read, not mapped: a file that shrinks while it is in use gives an error, where a mapping would kill the
/// process with SIGBUS. A window keeps the data around the last position, so that a small database costs one pread(2) in total and a
/// walk over a large one costs few.
/// </summary>
internal unsafe struct CdbFile : ICdbSource
{
    /// <summary>The size of the window, in bytes.</summary>
    internal const int WindowSize = CdbSource.LongestView;

    private readonly int descriptor;
    private readonly ulong size;
    private readonly byte* window;
    private ulong windowOffset;
    private int windowLength;

    private CdbFile(int descriptor, ulong size, byte* window)
    {
        this.descriptor = descriptor;
        this.size = size;
        this.window = window;
    }

    /// <summary>Opens a database.</summary>
    /// <param name="path">The file.</param>
    /// <param name="window">Memory of <see cref="WindowSize"/> bytes for the window; it must live as long as the file is used.</param>
    /// <param name="file">Gets the open file.</param>
    /// <returns>
    /// EINVAL for an empty file, ENODEV for one that isn't regular (these are the errors of mapping it, as users of the C tools
    /// know them), else the error of open(2).
    /// </returns>
    internal static Errno Open(CString path, byte* window, out CdbFile file)
    {
        file = default;
        Result<int> opened = RegularFile.Open(LibC.AT_FDCWD, path, out FileStatus status);
        if (opened.Failed)
            return opened.Error.Is(libc.EISDIR) ? new Errno(libc.ENODEV) : opened.Error;
        file = new CdbFile(opened.Value, status.Size, window);
        if (status.Size > 0)
            return default;
        file.Close();
        return new Errno(libc.EINVAL);
    }

    public readonly ulong Size => size;

    public Errno View(ulong offset, int length, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (offset > size || (ulong)length > size - offset || length > WindowSize)
            return CdbSource.Damaged;
        if (offset < windowOffset || offset + (ulong)length > windowOffset + (ulong)windowLength)
        {
            ulong aligned = offset - offset % WindowSize;
            Errno error = MoveWindow(offset + (ulong)length <= aligned + WindowSize ? aligned : offset);
            if (error.Failed)
                return error;
        }
        int inWindow = (int)(offset - windowOffset);
        if (inWindow + length > windowLength)
            return CdbSource.Damaged;
        bytes = new ReadOnlySpan<byte>(window + inWindow, length);
        return default;
    }

    internal readonly void Close() => _ = libc.close(descriptor);

    private Errno MoveWindow(ulong start)
    {
        ulong rest = size - start;
        windowLength = 0;
        windowOffset = start;
        Result<int> count = RegularFile.ReadAt(descriptor, (long)start, new Span<byte>(window, rest < WindowSize ? (int)rest : WindowSize));
        if (!count.Failed)
            windowLength = count.Value;
        return count.Error;
    }
}
