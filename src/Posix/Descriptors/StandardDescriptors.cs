using LocalService.Errors;
using LocalService.Libc;

namespace LocalService.Posix;

/// <summary>
/// Descriptors 0, 1 and 2. Those that were closed at start are occupied first of all, so that no socket, lock file or rule ever
/// gets such a number by accident and no message is ever written into one (specification, decision 8).
/// </summary>
internal static unsafe class StandardDescriptors
{
    private static bool inputMissing;
    private static bool outputMissing;

    /// <summary>Whether descriptor 0 was closed at start and nothing was put there since.</summary>
    internal static bool InputMissing => inputMissing;

    /// <summary>Whether descriptor 1 was closed at start and nothing was put there since.</summary>
    internal static bool OutputMissing => outputMissing;

    /// <summary>Notes that a role has put another file on descriptor 0.</summary>
    internal static void InputReplaced() => inputMissing = false;

    /// <summary>
    /// Occupies the closed descriptors. 0 and 1 are close-on-exec: the next program finds them closed, as it would have. 2 stays open: no program of
    /// a chain may write messages into a file that it has opened as descriptor 2.
    /// </summary>
    internal static void Occupy()
    {
        pollfd* standard = stackalloc pollfd[3];
        for (int fd = 0; fd < 3; fd++)
            standard[fd] = new pollfd { fd = fd };
        // Without events, poll(2) only reports which descriptors are closed.
        int closed;
        do
            closed = LibC.poll(standard, 3, 0);
        while (Errno.Interrupted(closed));
        if (closed <= 0)
            return;
        for (int fd = 0; fd < 3; fd++)
        {
            if ((standard[fd].revents & LibC.POLLNVAL) != 0)
                OccupyOne(fd);
        }
    }

    private static void OccupyOne(int fd)
    {
        int flags = fd == libc.STDERR_FILENO ? 0 : LibC.O_CLOEXEC;
        // The kernel gives the lowest free number, and that is fd.
        int opened = OpenNullDevice(flags);
        if (opened < 0)
            opened = OpenDeadPipe(flags);
        if (opened != fd)
            Abandon.ClosedDescriptor();
        if (fd == libc.STDIN_FILENO)
            inputMissing = true;
        if (fd == libc.STDOUT_FILENO)
            outputMissing = true;
    }

    private static int OpenNullDevice(int flags)
    {
        fixed (byte* path = "/dev/null\0"u8)
        {
            int opened;
            do
                opened = LibC.open(path, LibC.O_RDWR | flags, 0);
            while (Errno.Interrupted(opened));
            return opened;
        }
    }

    /// <summary>The read end of a pipe without a writer: a read gives end of file, a write EBADF, and neither raises a signal.</summary>
    private static int OpenDeadPipe(int flags)
    {
        int* ends = stackalloc int[2];
        if (libc.pipe2(ends, flags) < 0)
            return -1;
        _ = libc.close(ends[1]);
        return ends[0];
    }
}
