using System.Runtime.CompilerServices;
using LocalService.Libc;

#pragma warning disable CS0649 // libc writes the fields

namespace LocalService.Posix;

/// <summary>
/// A lock between threads. A semaphore, sem_overview(7), does all that is needed of pthread_mutex_lock(3), which is 3 KiB of code more:
/// it knows owners, priorities and cancellation. It must not move in memory.
/// </summary>
internal unsafe struct Mutex
{
    private Semaphore free;

    /// <summary>Makes it usable, unlocked.</summary>
    internal void Initialize() => free.Initialize(1);

    internal void Lock() => free.Take();

    internal void Unlock() => free.Give();
}

/// <summary>Something that threads wait for. Every operation needs the mutex that goes with it. It must not move in memory.</summary>
internal unsafe struct Condition
{
    private Semaphore signals;
    private uint waiting;

    internal void Initialize() => signals.Initialize(0);

    /// <summary>Wakes one waiting thread.</summary>
    internal void Signal()
    {
        if (waiting == 0)
            return;
        waiting--;
        signals.Give();
    }

    /// <summary>Wakes all waiting threads.</summary>
    internal void Broadcast()
    {
        while (waiting > 0)
            Signal();
    }

    /// <summary>Unlocks, waits for a signal and locks again. Another thread may have come between: ask again what was waited for.</summary>
    internal void Wait(ref Mutex mutex)
    {
        waiting++;
        mutex.Unlock();
        signals.Take();
        mutex.Lock();
    }
}

/// <summary>A number of tokens, between threads of one process; whoever takes one waits until there is one.</summary>
internal unsafe struct Semaphore
{
    private libc.sem_t semaphore;

    internal void Initialize(uint tokens) => _ = libc.sem_init(Pointer, 0, tokens);

    internal void Give() => _ = libc.sem_post(Pointer);

    internal void Take()
    {
        // A signal may interrupt it.
        while (libc.sem_wait(Pointer) < 0)
        {
        }
    }

    private libc.sem_t* Pointer => (libc.sem_t*)Unsafe.AsPointer(ref semaphore);
}
