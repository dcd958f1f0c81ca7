using System;
using LocalService.Libc;

namespace LocalService.Posix;

/// <summary>The file that this process executes.</summary>
internal static unsafe class ThisExecutable
{
    private static FileStatus remembered;
    private static bool isRemembered;

    private static byte* Started => (byte*)libc.getauxval(libc.AT_EXECFN);

    /// <summary>The path that the kernel was given to execute, not resolved; empty where it doesn't say.</summary>
    internal static ReadOnlySpan<byte> StartPath => Started == null ? default : Bytes.OfC(Started);

    /// <summary>
    /// Looks at the file while a relative path still leads to it, which it may not when a role has changed the working directory. To be called
    /// at the start of the process.
    /// </summary>
    internal static void Remember()
    {
        if (Started == null || *Started == (byte)'/')
            return;
        Result<FileStatus> status = FileStatus.Of(Started);
        isRemembered = !status.Failed;
        if (isRemembered)
            remembered = status.Value;
    }

    /// <summary>
    /// Whether an execve(2) of this path would start this very file: same device, same inode, and the process may still execute it
    /// (after a privilege drop it may not).
    /// </summary>
    internal static bool Is(byte* path)
    {
        Result<FileStatus> candidate = FileStatus.Of(path);
        if (candidate.Failed)
            return false;
        Result<FileStatus> self = Status();
        return !self.Failed
            && candidate.Value.IsSameFileAs(self.Value)
            && FileAccess.MayExecute(path);
    }

    /// <summary>Opens the file for reading, close-on-exec.</summary>
    internal static Result<int> Open()
    {
        Result<int> opened;
        fixed (byte* link = "/proc/self/exe\0"u8)
            opened = RegularFile.Open(LibC.AT_FDCWD, link, out _);
        return opened.Failed && Started != null ? RegularFile.Open(LibC.AT_FDCWD, Started, out _) : opened;
    }

    // Without /proc the path that the kernel was given at start leads there as well.
    private static Result<FileStatus> Status()
    {
        Result<FileStatus> status;
        fixed (byte* link = "/proc/self/exe\0"u8)
            status = FileStatus.Of(link);
        if (!status.Failed || Started == null)
            return status;
        return isRemembered ? remembered : FileStatus.Of(Started);
    }
}
