using System.Runtime.InteropServices;

namespace LocalService.Libc;

/// <summary>sys/random.h</summary>
internal static unsafe partial class libc
{
    [DllImport("libc"), SuppressGCTransition] public static extern nint getrandom(void* buffer, nuint size, uint flags);
}
