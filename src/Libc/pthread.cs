using System.Runtime.InteropServices;

namespace LocalService.Libc;

/// <summary>pthread.h. The structures are opaque; each is declared as large as the largest of glibc's and musl's on x86-64 and arm64.</summary>
internal static unsafe partial class libc
{
    public struct pthread_mutex_t
    {
        public fixed ulong opaque[6];
    }

    public struct pthread_cond_t
    {
        public fixed ulong opaque[6];
    }

    public struct pthread_attr_t
    {
        public fixed ulong opaque[8];
    }

    [DllImport("libc"), SuppressGCTransition] public static extern int pthread_attr_init(pthread_attr_t* attributes);
    [DllImport("libc"), SuppressGCTransition] public static extern int pthread_attr_setstacksize(pthread_attr_t* attributes, nuint size);

    [DllImport("libc"), SuppressGCTransition]
    public static extern int pthread_create(nint* thread, pthread_attr_t* attributes, delegate* unmanaged<void*, void*> start, void* argument);

    [DllImport("libc"), SuppressGCTransition] public static extern int pthread_mutex_lock(pthread_mutex_t* mutex);
    [DllImport("libc"), SuppressGCTransition] public static extern int pthread_mutex_unlock(pthread_mutex_t* mutex);
    [DllImport("libc"), SuppressGCTransition] public static extern int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex);
    [DllImport("libc"), SuppressGCTransition] public static extern int pthread_cond_signal(pthread_cond_t* condition);
    [DllImport("libc"), SuppressGCTransition] public static extern int pthread_cond_broadcast(pthread_cond_t* condition);
}
