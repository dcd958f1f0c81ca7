using System.Runtime.InteropServices;
using LocalService.Errors;
using LocalService.Libc;

namespace LocalService.Posix;

/// <summary>
/// Memory that this process shares with a file. A process that may write to the file may truncate it, and a store beyond the new end kills this
/// process, SIGBUS; so does a store for which the disk has no room. Such memory becomes ordinary private memory instead.
/// </summary>
internal static unsafe class FileMemory
{
    // In siginfo_t: the origin of the signal, positive for the kernel, and the address that caused it.
    private const int CodeOffset = 8;
    private const int AddressOffset = 16;

    private static byte* start;
    private static nuint length;

    /// <summary>Maps a file, for reading and writing. One at a time.</summary>
    /// <param name="file">The file.</param>
    /// <param name="size">How many bytes of the file to map.</param>
    /// <param name="memory">The memory.</param>
    internal static Errno Map(int file, nuint size, out void* memory)
    {
        memory = LibC.mmap(null, (size_t)size, LibC.PROT_READ | LibC.PROT_WRITE, LibC.MAP_SHARED, file, 0);
        if (memory == LibC.MAP_FAILED)
            return Errno.Last;
        start = (byte*)memory;
        length = size;
        var action = new libc.sigaction_t { sa_handler = (nint)(delegate* unmanaged<int, byte*, void*, void>)&GiveUp, sa_flags = libc.SA_SIGINFO };
        return Errno.Of(libc.sigaction(libc.SIGBUS, &action, null));
    }

    /// <summary>The store is repeated when the handler returns. Any other SIGBUS ends the process as it would without the handler.</summary>
    [UnmanagedCallersOnly]
    private static void GiveUp(int signal, byte* information, void* context)
    {
        byte* address = *(byte**)(information + AddressOffset);
        bool isOurs = *(int*)(information + CodeOffset) > 0 && address >= start && address < start + length;
        if (isOurs && LibC.mmap(start, (size_t)length, LibC.PROT_READ | LibC.PROT_WRITE, LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS | LibC.MAP_FIXED, -1, 0) != LibC.MAP_FAILED)
            return;
        _ = libc.signal(signal, libc.SIG_DFL);
        _ = libc.kill(libc.getpid(), signal);
    }
}
