using System.Runtime.CompilerServices;
using LocalService.Libc;

#pragma warning disable CS0649 // libc writes the fields

namespace LocalService.Posix;

/// <summary>
/// A lock between threads. A semaphore, sem_overview(7), is enough; pthread_mutex_lock(3) would be 3 KiB of code more, for owners, priorities and
/// cancellation. It must not move in memory.
/// </summary>
internal unsafe struct Mutex
{
    private Semaphore free;

    /// <summary>Initializes the lock, unlocked.</summary>
    internal void Initialize() => free.Initialize(1);

    internal void Lock() => free.Take();

    internal void Unlock() => free.Give();
}

/// <summary>A condition that threads wait for. Every operation needs the mutex that goes with it. It must not move in memory.</summary>
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

    /// <summary>Unlocks, waits for a signal and locks again. Another thread may have come first: check the condition again.</summary>
    internal void Wait(ref Mutex mutex)
    {
        waiting++;
        mutex.Unlock();
        signals.Take();
        mutex.Lock();
    }
}

/// <summary>A number of tokens, shared by the threads of one process; a thread that takes one waits until there is one.</summary>
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
