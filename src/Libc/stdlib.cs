using System.Runtime.InteropServices;

namespace LocalService.Libc;

/// <summary>stdlib.h</summary>
internal static unsafe partial class libc
{
    [DllImport("libc"), SuppressGCTransition] public static extern void* malloc(nuint size);
    [DllImport("libc"), SuppressGCTransition] public static extern void* realloc(void* memory, nuint size);
    [DllImport("libc"), SuppressGCTransition] public static extern void free(void* memory);
}
