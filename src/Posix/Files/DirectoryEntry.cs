using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;

namespace LocalService.Posix;

/// <summary>
/// Names in directories: made, moved and removed, through interruptions. Paths are C strings; a relative path starts from the directory passed with
/// it, an open one or AT_FDCWD.
/// </summary>
internal static unsafe class DirectoryEntry
{
    private const uint PrivateDirectory = 0x1C0; // 0700

    /// <summary>Makes a directory: mkdirat(2).</summary>
    internal static Errno MakeDirectory(int directory, CString path, uint mode)
    {
        int result;
        do
            result = libc.mkdirat(directory, path, mode);
        while (Errno.Interrupted(result));
        return Errno.Of(result);
    }

    /// <summary>Makes a FIFO: mkfifoat(3).</summary>
    internal static Errno MakeFifo(int directory, CString path, uint mode)
    {
        int result;
        do
            result = libc.mkfifoat(directory, path, mode);
        while (Errno.Interrupted(result));
        return Errno.Of(result);
    }

    /// <summary>Removes a name of anything but a directory (EISDIR): unlinkat(2).</summary>
    internal static Errno Remove(int directory, CString path) => Remove(directory, path, 0);

    /// <summary>Removes an empty directory: unlinkat(2).</summary>
    internal static Errno RemoveDirectory(int directory, CString path) => Remove(directory, path, LibC.AT_REMOVEDIR);

    /// <summary>Renames a file, and replaces a file that has the new name: renameat(2).</summary>
    internal static Errno Rename(int directory, CString path, int newDirectory, CString newPath)
    {
        int result;
        do
            result = libc.renameat(directory, path, newDirectory, newPath);
        while (Errno.Interrupted(result));
        return Errno.Of(result);
    }

    /// <summary>
    /// Renames a directory to a name that isn't in use: renameat2(2). Before Linux 3.15 an empty directory reserves the name first, and only that
    /// directory is replaced.
    /// </summary>
    /// <returns>EEXIST when the name is in use.</returns>
    internal static Errno RenameToNew(CString path, CString newPath)
    {
        Errno error = Errno.Of(libc.renameat2(LibC.AT_FDCWD, path, LibC.AT_FDCWD, newPath, libc.RENAME_NOREPLACE));
        if (!error.MeansMissingCall && !error.Is(libc.EINTR))
            return error;
        error = MakeDirectory(LibC.AT_FDCWD, newPath, PrivateDirectory);
        if (error.Failed)
            return error;
        error = Rename(LibC.AT_FDCWD, path, LibC.AT_FDCWD, newPath);
        if (error.Failed)
            _ = RemoveDirectory(LibC.AT_FDCWD, newPath);
        return error;
    }

    /// <summary>Gives a file another name as well: linkat(2).</summary>
    internal static Errno Link(int directory, CString path, int newDirectory, CString newPath)
    {
        int result;
        do
            result = libc.linkat(directory, path, newDirectory, newPath, 0);
        while (Errno.Interrupted(result));
        return Errno.Of(result);
    }

    private static Errno Remove(int directory, CString path, int flags)
    {
        int result;
        do
            result = libc.unlinkat(directory, path, flags);
        while (Errno.Interrupted(result));
        return Errno.Of(result);
    }
}
