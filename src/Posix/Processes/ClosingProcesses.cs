using System.Runtime.InteropServices;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;

namespace LocalService.Posix;

/// <summary>
/// Processes that close one descriptor each and exit: clone(2) with CLONE_VM and CLONE_FILES. A close(2) that asks a file system in user space or on
/// a network may never return, not even when the process is killed. A thread in such a call would keep its process from ending; a separate process
/// doesn't. There are never more than a few: when all of them hang, descriptors stay open. Where the system refuses such processes for good, as under
/// a filter of system calls or in an emulation, the calling thread closes. For use by one thread.
/// </summary>
internal unsafe struct ClosingProcesses
{
    private const int Most = 16;
    private const int StackSize = 8 * 1024;
    private const int PatienceMilliseconds = 20;

    private byte* stacks;
    private fixed int places[Most];

    /// <summary>Whether some processes have started and not ended, as far as is known.</summary>
    internal readonly bool AreAtWork
    {
        get
        {
            bool any = false;
            for (int place = 0; place < Most; place++)
                any |= places[place] != 0;
            return any;
        }
    }

    /// <summary>Starts a process that closes the descriptor. The number is free as soon as the close has begun.</summary>
    /// <param name="descriptor">The descriptor.</param>
    /// <param name="mayTakeLong">
    /// Whether the process may go on when it isn't done in a moment; otherwise it is killed, which ends a wait for SO_LINGER.
    /// </param>
    /// <returns>False when no process is available now; the descriptor is then still open.</returns>
    internal bool TryClose(int descriptor, bool mayTakeLong)
    {
        int place = FreePlace();
        for (int waited = 0; place < 0 && waited < PatienceMilliseconds; waited++)
        {
            _ = LibC.poll(null, 0, 1);
            place = FreePlace();
        }
        if (place < 0 || (stacks == null && (stacks = (byte*)MappedMemory.Map(Most * StackSize)) == null))
            return false;
        byte* stackTop = stacks + (place + 1) * StackSize;
        int process = libc.clone(&Run, stackTop, libc.CLONE_VM | libc.CLONE_FILES, (void*)(nint)descriptor, null);
        if (process < 0)
            return !IsExhausted && CloseHere(descriptor);
        places[place] = process;
        for (int waited = 0; !mayTakeLong && waited < PatienceMilliseconds && !HasEnded(place); waited++)
            _ = LibC.poll(null, 0, 1);
        if (!mayTakeLong && places[place] != 0)
            _ = libc.kill(process, libc.SIGKILL);
        return true;
    }

    private static bool IsExhausted => Errno.Last.Is(libc.EAGAIN) || Errno.Last.Is(libc.ENOMEM);

    private static bool CloseHere(int descriptor)
    {
        _ = libc.close(descriptor);
        return true;
    }

    // The process shares the thread's errno, so neither may rely on it, but has its own stack.
    [UnmanagedCallersOnly]
    private static int Run(void* argument)
    {
        _ = libc.close((int)(nint)argument);
        libc._exit(0);
        return 0;
    }

    private int FreePlace()
    {
        for (int place = 0; place < Most; place++)
        {
            if (HasEnded(place))
                return place;
        }
        return -1;
    }

    private bool HasEnded(int place)
    {
        if (places[place] != 0 && libc.waitpid(places[place], null, libc.WNOHANG | libc.WALL) != 0)
            places[place] = 0;
        return places[place] == 0;
    }
}
