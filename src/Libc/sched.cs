using System.Runtime.InteropServices;

namespace LocalService.Libc;

/// <summary>sched.h: clone(2) through libc's wrapper, which runs the function on the given stack.</summary>
internal static unsafe partial class libc
{
    public const int CLONE_VM = 0x100;
    public const int CLONE_FILES = 0x400;
    public const int CLONE_VFORK = 0x4000;
    public const int CLONE_PARENT_SETTID = 0x100000;

    [DllImport("libc"), SuppressGCTransition]
    public static extern int clone(delegate* unmanaged<void*, int> function, void* stackTop, int flags, void* argument, int* processId);
}
