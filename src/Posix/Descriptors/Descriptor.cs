using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;

namespace LocalService.Posix;

/// <summary>An open file descriptor that is closed when it goes out of scope, unless it was released.</summary>
internal unsafe ref struct Descriptor(int number)
{
    /// <summary>The number, or -1 when nothing is owned.</summary>
    internal int Number { get; private set; } = number;

    /// <summary>Opens a file, openat(2), through interruptions. The number is -1 when that failed, and errno says why.</summary>
    /// <param name="directory">The directory that a relative path starts from: an open one, or AT_FDCWD.</param>
    /// <param name="path">The path, as a C string.</param>
    /// <param name="flags">The flags, to which O_CLOEXEC is added.</param>
    /// <param name="mode">The permissions of a new file, before the umask.</param>
    internal static Descriptor Open(int directory, CString path, int flags, uint mode = 0)
    {
        int opened;
        do
            opened = LibC.openat(directory, path, flags | LibC.O_CLOEXEC, (mode_t)mode);
        while (Errno.Interrupted(opened));
        return new Descriptor(opened);
    }

    /// <summary>Copies a descriptor to a number and closes what was open there; the copy stays open across execve(2): dup2(2).</summary>
    internal static Errno Copy(int number, int target)
    {
        int result;
        do
            result = libc.dup2(number, target);
        while (Errno.Interrupted(result));
        return Errno.Of(result);
    }

    /// <summary>Gives up ownership of the descriptor: it is no longer closed here.</summary>
    internal int Release()
    {
        int number = Number;
        Number = -1;
        return number;
    }

    public void Dispose()
    {
        if (Number >= 0)
            _ = libc.close(Release());
    }
}
