using System.Runtime.InteropServices;

namespace LocalService.Libc;

/// <summary>stdio.h: only the functions for names of files.</summary>
internal static unsafe partial class libc
{
    public const uint RENAME_NOREPLACE = 1;

    [DllImport("libc"), SuppressGCTransition] public static extern int renameat(int oldDirectory, byte* oldPath, int newDirectory, byte* newPath);

    /// <summary>renameat2(2).</summary>
    public static int renameat2(int oldDirectory, byte* oldPath, int newDirectory, byte* newPath, uint flags) =>
        (int)syscall(SYS_renameat2, oldDirectory, (nint)oldPath, newDirectory, (nint)newPath, (nint)flags, 0);
}
