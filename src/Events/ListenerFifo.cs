using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Events;

/// <summary>
/// A listener's FIFO in a fifodir: notifiers of the fifodir write into it. It is open for writing here as well, so that reading never comes to an
/// end. Specification "ftrig", section 1.2.
/// </summary>
internal unsafe struct ListenerFifo
{
    // Whatever the umask: everybody may notify, but a process that can't list the directory doesn't find it (decision 21).
    private const uint Mode = 0x192; // 0622

    private CString path;
    private int writing;

    /// <summary>The descriptor that events are read from, nonblocking and close-on-exec.</summary>
    internal int Number { get; private set; }

    /// <summary>Makes a FIFO. From then on it is notified.</summary>
    /// <param name="directory">The fifodir. The empty path is ENOENT (decision 25).</param>
    /// <param name="fifo">The FIFO.</param>
    internal static Errno Make(ReadOnlySpan<byte> directory, out ListenerFifo fifo)
    {
        fifo = default;
        int size = directory.Length + 2 + FifoName.Length + 1;
        if (directory.IsEmpty || directory.Length > LongestDirectory)
            return new Errno(directory.IsEmpty ? libc.ENOENT : libc.ENAMETOOLONG);
        byte* hidden = stackalloc byte[size];
        directory.CopyTo(new Span<byte>(hidden, size));
        "/."u8.CopyTo(new Span<byte>(hidden + directory.Length, 2));
        FifoName.Write(new Span<byte>(hidden + directory.Length + 2, size - directory.Length - 2));
        Errno error = MakeHidden(hidden);
        if (error.Failed)
            return error;
        error = fifo.Open(hidden);
        fifo.path = error.Failed ? null : Heap.Allocate((nuint)size);
        if (!error.Failed && fifo.path.IsNull)
            error = new Errno(libc.ENOMEM);
        error = error && fifo.Show(hidden, directory.Length);
        if (error.Failed)
        {
            _ = DirectoryEntry.Remove(LibC.AT_FDCWD, hidden);
            fifo.Release();
        }
        return error;
    }

    /// <summary>Removes the FIFO. The listener is no longer notified.</summary>
    internal void Remove()
    {
        _ = DirectoryEntry.Remove(LibC.AT_FDCWD, path);
        Release();
    }

    // As much as open(2) takes, PATH_MAX, minus room for the name.
    private static int LongestDirectory => 4096 - 3 - FifoName.Length;

    private static Errno MakeHidden(CString path)
    {
        uint mask = libc.umask(0);
        Errno error = new(libc.EEXIST);
        for (int i = 0; error.Is(libc.EEXIST) && i < TemporaryName.Attempts; i++)
        {
            TemporaryName.Choose(path);
            error = DirectoryEntry.MakeFifo(LibC.AT_FDCWD, path, Mode);
        }
        _ = libc.umask(mask);
        return error;
    }

    private Errno Open(CString path)
    {
        using var reader = Descriptor.Open(LibC.AT_FDCWD, path, LibC.O_RDONLY | LibC.O_NONBLOCK | LibC.O_NOFOLLOW);
        Errno error = Errno.Of(reader.Number);
        if (error.Failed)
            return error;
        using var writer = Descriptor.Open(LibC.AT_FDCWD, path, LibC.O_WRONLY | LibC.O_NONBLOCK | LibC.O_NOFOLLOW);
        error = Errno.Of(writer.Number);
        if (error.Failed)
            return error;
        Number = reader.Release();
        writing = writer.Release();
        return default;
    }

    /// <summary>Gives it the name that notifiers look for.</summary>
    private readonly Errno Show(CString hidden, int directoryLength)
    {
        ReadOnlySpan<byte> from = Bytes.OfC(hidden);
        var to = new Span<byte>(path, from.Length);
        from[..(directoryLength + 1)].CopyTo(to);
        from[(directoryLength + 2)..].CopyTo(to[(directoryLength + 1)..]);
        to[^1] = 0;
        return DirectoryEntry.Rename(LibC.AT_FDCWD, hidden, LibC.AT_FDCWD, path);
    }

    private void Release()
    {
        // 0 means no descriptor: descriptor 0 never belongs to this FIFO.
        if (Number > 0)
            _ = libc.close(Number);
        if (writing > 0)
            _ = libc.close(writing);
        Heap.Free(path);
        this = default;
    }
}
