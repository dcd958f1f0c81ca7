using System.Runtime.InteropServices;

namespace LocalService.Libc;

/// <summary>sys/inotify.h</summary>
internal static unsafe partial class libc
{
    public const int IN_NONBLOCK = 0x800;
    public const int IN_CLOEXEC = 0x80000;
    public const uint IN_ATTRIB = 0x4;
    public const uint IN_MOVED_TO = 0x80;
    public const uint IN_CREATE = 0x100;
    public const uint IN_ONLYDIR = 0x1000000;

    [DllImport("libc"), SuppressGCTransition] public static extern int inotify_init1(int flags);
    [DllImport("libc"), SuppressGCTransition] public static extern int inotify_add_watch(int inotify, byte* path, uint mask);
}
