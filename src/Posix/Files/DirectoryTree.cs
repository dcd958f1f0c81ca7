using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;

namespace LocalService.Posix;

/// <summary>Whole directories.</summary>
internal static unsafe class DirectoryTree
{
    /// <summary>
    /// Removes a directory with everything in it, except names that start with a dot, which keep it from being removed. Symbolic links
    /// are removed, not followed. Only the number of open descriptors limits the depth: meant for directories that the program itself has made.
    /// </summary>
    internal static Errno Remove(int parent, CString name)
    {
        return RemoveContent(parent, name) && DirectoryEntry.RemoveDirectory(parent, name);
    }

    private static Errno RemoveContent(int parent, CString name)
    {
        using var directory = Descriptor.Open(parent, name, LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_NOFOLLOW);
        if (directory.Number < 0)
            return Errno.Last;
        var names = new DirectoryNames();
        Errno error = names.Read(directory.Number);
        for (int i = 0; !error.Failed && i < names.Count; i++)
        {
            error = DirectoryEntry.Remove(directory.Number, names[i]);
            if (error.Is(libc.EISDIR))
                error = Remove(directory.Number, names[i]);
        }
        names.Free();
        return error;
    }
}
