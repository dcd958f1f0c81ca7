using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;

namespace LocalService.Posix;

/// <summary>The file that this process executes.</summary>
internal static unsafe class ThisExecutable
{
    // As they were at the start of the process; 0 isn't a valid inode.
    private static ulong rememberedDevice;
    private static ulong rememberedInode;

    private static byte* Started => (byte*)libc.getauxval(libc.AT_EXECFN);

    /// <summary>The path that the kernel was given to execute, not resolved; empty where the kernel doesn't report it.</summary>
    internal static ReadOnlySpan<byte> StartPath => Started == null ? default : Bytes.OfC(Started);

    /// <summary>
    /// Notes which file it is while a relative path still leads to it; that may end when a role changes the working directory. Call it at the start
    /// of the process.
    /// </summary>
    internal static void Remember()
    {
        if (Started == null || *Started == (byte)'/')
            return;
        Result<FileStatus> status = FileStatus.Of(Started);
        if (status.Failed)
            return;
        rememberedDevice = status.Value.Device;
        rememberedInode = status.Value.Inode;
    }

    /// <summary>
    /// Whether an execve(2) of this path would start this very file: same device, same inode, and the process may still execute it
    /// (after a privilege drop it may not).
    /// </summary>
    internal static bool Is(CString path)
    {
        Result<FileStatus> candidate = FileStatus.Of(path);
        return !candidate.Failed && IsThis(candidate.Value) && FileAccess.MayExecute(path);
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
    private static bool IsThis(FileStatus candidate)
    {
        Result<FileStatus> self;
        fixed (byte* link = "/proc/self/exe\0"u8)
            self = FileStatus.Of(link);
        if (self.Failed && rememberedInode != 0)
            return candidate.Device == rememberedDevice && candidate.Inode == rememberedInode;
        if (self.Failed && Started != null)
            self = FileStatus.Of(Started);
        return !self.Failed && candidate.IsSameFileAs(self.Value);
    }
}
