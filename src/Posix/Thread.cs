using LocalService.Libc;

namespace LocalService.Posix;

/// <summary>Threads of libc, pthread_create(3). They are never waited for: the process ends with its first thread.</summary>
internal static unsafe class Thread
{
    // Many times what a gate needs; only what is touched takes memory.
    private const nuint StackSize = 128 * 1024;

    /// <summary>Starts a thread, with the signal mask of the caller. EAGAIN when there are too many.</summary>
    internal static Errno Start(delegate* unmanaged<void*, void*> start, void* argument)
    {
        libc.pthread_attr_t attributes;
        _ = libc.pthread_attr_init(&attributes);
        _ = libc.pthread_attr_setstacksize(&attributes, StackSize);
        nint thread;
        return new Errno(libc.pthread_create(&thread, &attributes, start, argument));
    }
}
