using LocalService.Errors;
using LocalService.Libc;

namespace LocalService.Posix;

/// <summary>Threads of libc, pthread_create(3). They are never waited for: the process ends with its first thread.</summary>
internal static unsafe class Thread
{
    // Many times what a gate needs; only touched pages take memory.
    private const nuint StackSize = 128 * 1024;

    // For a thread that does little more than wait.
    private const nuint SmallStackSize = 16 * 1024;

    /// <summary>Starts a thread, with the signal mask of the caller. EAGAIN when there are too many.</summary>
    internal static Errno Start(delegate* unmanaged<void*, void*> start, void* argument) => Start(start, argument, StackSize);

    /// <summary>The same with a stack of 16 KiB.</summary>
    internal static Errno StartSmall(delegate* unmanaged<void*, void*> start, void* argument) => Start(start, argument, SmallStackSize);

    private static Errno Start(delegate* unmanaged<void*, void*> start, void* argument, nuint stackSize)
    {
        libc.pthread_attr_t attributes;
        _ = libc.pthread_attr_init(&attributes);
        _ = libc.pthread_attr_setstacksize(&attributes, stackSize);
        // Its memory is freed when it ends.
        _ = libc.pthread_attr_setdetachstate(&attributes, libc.PTHREAD_CREATE_DETACHED);
        nint thread;
        return new Errno(libc.pthread_create(&thread, &attributes, start, argument));
    }
}
