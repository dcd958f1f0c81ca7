using System.Runtime.InteropServices;

namespace LocalService.Libc;

/// <summary>semaphore.h. The structure is opaque, and has the same size in glibc and musl.</summary>
internal static unsafe partial class libc
{
    public struct sem_t
    {
        public fixed ulong opaque[4];
    }

    [DllImport("libc"), SuppressGCTransition] public static extern int sem_init(sem_t* semaphore, int shared, uint value);
    [DllImport("libc"), SuppressGCTransition] public static extern int sem_wait(sem_t* semaphore);
    [DllImport("libc"), SuppressGCTransition] public static extern int sem_post(sem_t* semaphore);
}
