using System.Runtime.InteropServices;

namespace LocalService.Libc;

/// <summary>pthread.h. The structure is opaque, and as large as the largest in glibc and musl on x86-64 and arm64.</summary>
internal static unsafe partial class libc
{
    public struct pthread_attr_t
    {
        public fixed ulong opaque[8];
    }

    [DllImport("libc"), SuppressGCTransition] public static extern int pthread_attr_init(pthread_attr_t* attributes);
    public const int PTHREAD_CREATE_DETACHED = 1;

    [DllImport("libc"), SuppressGCTransition] public static extern int pthread_attr_setdetachstate(pthread_attr_t* attributes, int state);
    [DllImport("libc"), SuppressGCTransition] public static extern int pthread_attr_setstacksize(pthread_attr_t* attributes, nuint size);

    [DllImport("libc"), SuppressGCTransition]
    public static extern int pthread_create(nint* thread, pthread_attr_t* attributes, delegate* unmanaged<void*, void*> start, void* argument);
}
