using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;

namespace LocalService.Posix;

/// <summary>Files below a directory, by paths that somebody else has chosen: nothing outside is ever opened.</summary>
internal static unsafe class BeneathDirectory
{
    // The longest path that open(2) accepts, PATH_MAX.
    private const int LongestPath = 4096;

    private const int MostAttempts = 16;

    /// <summary>
    /// Opens a file below the working directory, close-on-exec: openat2(2), or, where that is missing (before Linux 5.6), component by component
    /// without following any symbolic link.
    /// </summary>
    /// <param name="path">A relative path, as a C string; empty is ENOENT, an absolute one and one with <c>..</c> are EXDEV.</param>
    /// <param name="flags">The flags of open(2).</param>
    /// <param name="mode">The permissions of a new file.</param>
    /// <returns>EXDEV when the path leads outside, EAGAIN when somebody has a lease of the file, ELOOP when it goes through a link that may not be followed.</returns>
    internal static Result<int> Open(CString path, int flags, uint mode)
    {
        ReadOnlySpan<byte> text = Bytes.OfC(path);
        if (text.IsEmpty || text.Length >= LongestPath)
            return new Errno(text.IsEmpty ? libc.ENOENT : libc.ENAMETOOLONG);
        if (text[0] == (byte)'/' || HasParentComponent(text))
            return new Errno(libc.EXDEV);
        var how = new libc.open_how
        {
            flags = (uint)(flags | LibC.O_CLOEXEC),
            mode = (flags & LibC.O_CREAT) != 0 ? mode : 0,
            resolve = libc.RESOLVE_BENEATH | libc.RESOLVE_NO_MAGICLINKS,
        };
        // EAGAIN: something was renamed meanwhile; or, for as long as it likes, somebody has a lease of the file (F_SETLEASE, fcntl(2)).
        int attempts = MostAttempts;
        int opened;
        do
            opened = libc.openat2(LibC.AT_FDCWD, path, &how);
        while (Errno.Interrupted(opened) || (opened < 0 && libc.errno == libc.EAGAIN && --attempts > 0));
        if (opened >= 0)
            return opened;
        Errno error = Errno.Last;
        return error.MeansMissingCall ? Walk(text, flags, mode) : error;
    }

    private static bool HasParentComponent(ReadOnlySpan<byte> path)
    {
        while (!path.IsEmpty)
        {
            int end = path.IndexOf((byte)'/');
            if ((end < 0 ? path : path[..end]).SequenceEqual(".."u8))
                return true;
            path = end < 0 ? default : path[(end + 1)..];
        }
        return false;
    }

    private static Result<int> Walk(ReadOnlySpan<byte> path, int flags, uint mode)
    {
        byte* component = stackalloc byte[path.Length + 1];
        int directory = LibC.AT_FDCWD;
        while (true)
        {
            int end = path.IndexOf((byte)'/');
            ReadOnlySpan<byte> name = end < 0 ? path : path[..end];
            name.CopyTo(new Span<byte>(component, name.Length));
            component[name.Length] = 0;
            int wanted = end < 0 ? flags : LibC.O_PATH | LibC.O_DIRECTORY;
            using var opened = Descriptor.Open(directory, name.IsEmpty ? Current : component, wanted | LibC.O_NOFOLLOW, mode);
            Errno error = Errno.Of(opened.Number);
            if (directory != LibC.AT_FDCWD)
                _ = libc.close(directory);
            if (error.Failed)
                return error;
            if (end < 0)
                return opened.Release();
            directory = opened.Release();
            path = path[(end + 1)..];
        }
    }

    // The component between two slashes, and after the last one.
    private static byte* Current
    {
        get
        {
            fixed (byte* dot = ".\0"u8)
                return dot;
        }
    }
}
