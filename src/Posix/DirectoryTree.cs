using LocalService.Libc;

namespace LocalService.Posix;

/// <summary>Whole directories.</summary>
internal static unsafe class DirectoryTree
{
    /// <summary>
    /// Removes a directory with everything in it, except names that start with a dot, which keep it from being removed. Symbolic links
    /// are removed, not followed. Depth is limited by open descriptors alone: meant for what the program itself has made.
    /// </summary>
    internal static Errno Remove(int parent, byte* name)
    {
        Errno error = RemoveContent(parent, name);
        return error.Failed ? error : Errno.Of(libc.unlinkat(parent, name, libc.AT_REMOVEDIR));
    }

    private static Errno RemoveContent(int parent, byte* name)
    {
        using var directory = new Descriptor(
            libc.openat(parent, name, libc.O_RDONLY | libc.O_DIRECTORY | libc.O_NOFOLLOW | libc.O_CLOEXEC, 0));
        if (directory.Number < 0)
            return Errno.Last;
        var names = new DirectoryNames();
        Errno error = names.Read(directory.Number);
        for (int i = 0; !error.Failed && i < names.Count; i++)
        {
            error = Errno.Of(libc.unlinkat(directory.Number, names[i], 0));
            if (error.Is(libc.EISDIR))
                error = Remove(directory.Number, names[i]);
        }
        names.Free();
        return error;
    }
}
