using System.Runtime.CompilerServices;
using LocalService.Libc;

#pragma warning disable CS0649 // libc writes the fields

namespace LocalService.Posix;

/// <summary>
/// A lock between threads, pthread_mutex_lock(3), and the condition that goes with it. All zeros is its unlocked state, as
/// PTHREAD_MUTEX_INITIALIZER has it; it must not move in memory while it is used.
/// </summary>
internal unsafe struct Mutex
{
    private libc.pthread_mutex_t mutex;

    internal void Lock() => _ = libc.pthread_mutex_lock(Pointer);

    internal void Unlock() => _ = libc.pthread_mutex_unlock(Pointer);

    /// <summary>Unlocks, waits for the condition and locks again. It may return without reason: ask again what was waited for.</summary>
    internal void Wait(ref Condition condition) => condition.Wait(Pointer);

    private libc.pthread_mutex_t* Pointer => (libc.pthread_mutex_t*)Unsafe.AsPointer(ref mutex);
}

/// <summary>Something that threads wait for, pthread_cond_wait(3). All zeros is its first state; it must not move in memory.</summary>
internal unsafe struct Condition
{
    private libc.pthread_cond_t condition;

    /// <summary>Wakes one waiting thread.</summary>
    internal void Signal() => _ = libc.pthread_cond_signal(Pointer);

    /// <summary>Wakes all waiting threads.</summary>
    internal void Broadcast() => _ = libc.pthread_cond_broadcast(Pointer);

    internal void Wait(libc.pthread_mutex_t* mutex) => _ = libc.pthread_cond_wait(Pointer, mutex);

    private libc.pthread_cond_t* Pointer => (libc.pthread_cond_t*)Unsafe.AsPointer(ref condition);
}
