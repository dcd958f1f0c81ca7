using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Locks;

/// <summary>The lock file of the programs that take a lock themselves. Specification "lock", section 2.</summary>
internal static class LockFile
{
    private const uint Permissions = 0x1B6; // 0666, less the umask

    /// <summary>Opens the file, close-on-exec, and creates it when it is missing.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="exclusive">Whether the lock will be exclusive.</param>
    /// <param name="file">The descriptor.</param>
    /// <param name="diagnostics">For messages.</param>
    internal static Outcome Open(CString path, bool exclusive, out int file, Diagnostics diagnostics)
    {
        file = -1;
        int flags = LibC.O_NONBLOCK | LibC.O_NOCTTY;
        if (!exclusive)
        {
            using var reading = Descriptor.Open(LibC.AT_FDCWD, path, flags | LibC.O_RDONLY);
            file = reading.Release();
            if (file < 0 && !Errno.Last.Is(libc.ENOENT))
                return diagnostics.Fatal(Errno.Last, "unable to open "u8, Bytes.OfC(path), " for reading"u8);
            if (file >= 0)
                return Outcome.Exit(ExitCode.Success);
        }
        using var made = Descriptor.Open(LibC.AT_FDCWD, path, flags | LibC.O_WRONLY | LibC.O_CREAT, Permissions);
        if (made.Number < 0 && !exclusive)
            return diagnostics.Fatal(Errno.Last, "unable to create "u8, Bytes.OfC(path));
        if (made.Number < 0)
            return diagnostics.Fatal(Errno.Last, "unable to open "u8, Bytes.OfC(path), " for writing"u8);
        if (exclusive)
        {
            file = made.Release();
            return Outcome.Exit(ExitCode.Success);
        }
        using var again = Descriptor.Open(LibC.AT_FDCWD, path, flags | LibC.O_RDONLY);
        file = again.Release();
        return file < 0
            ? diagnostics.Fatal(Errno.Last, "unable to open "u8, Bytes.OfC(path), " for reading"u8)
            : Outcome.Exit(ExitCode.Success);
    }
}
