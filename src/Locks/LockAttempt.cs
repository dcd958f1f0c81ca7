using System.Runtime.InteropServices;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Locks;

/// <summary>
/// A lock of an open file that a client has or waits for. While somebody else has the lock, a thread waits, with a stack of a few KiB, and reports
/// its end through a pipe. The attempt may not move in memory as long as the thread lives. Decision 26.
/// </summary>
internal unsafe struct LockAttempt
{
    private int file;
    private bool exclusive;
    private int toldAt;
    private volatile int thread;
    private volatile bool isCancelled;

    /// <summary>The client's id for the lock.</summary>
    internal ushort Id;

    /// <summary>Later ones have higher numbers.</summary>
    internal ulong Sequence;

    internal bool IsHeld;

    /// <summary>Whether the client no longer waits, and only the thread still has to end.</summary>
    internal readonly bool IsCancelled => isCancelled;

    internal bool HasDeadline;

    internal Moment Deadline;

    /// <summary>The result of the thread, once it has reported its end.</summary>
    internal Errno Result { get; private set; }

    /// <summary>Tries to take the lock.</summary>
    /// <param name="descriptor">The file, which is closed with the attempt.</param>
    /// <param name="isExclusive">Whether nobody else may have one.</param>
    /// <returns>EAGAIN or EACCES when it isn't free, see <see cref="FileLock.IsBusy"/>.</returns>
    internal Errno Begin(int descriptor, bool isExclusive)
    {
        file = descriptor;
        exclusive = isExclusive;
        Errno error = Lock.TryTake();
        IsHeld = !error.Failed;
        return error;
    }

    /// <summary>Starts the thread.</summary>
    /// <param name="self">The attempt.</param>
    /// <param name="pipe">The pipe that the thread writes the attempt's address to when it ends.</param>
    internal static Errno Wait(LockAttempt* self, int pipe)
    {
        self->toldAt = pipe;
        return Thread.StartSmall(&Run, self);
    }

    /// <summary>
    /// Makes the thread end. A signal that comes just before the thread waits is lost: call this again until the thread has reported its end.
    /// </summary>
    internal void Cancel()
    {
        isCancelled = true;
        if (thread != 0)
            _ = libc.tgkill(libc.getpid(), thread, Interruptions.Signal);
    }

    /// <summary>Releases the lock and closes the file. The thread must have ended.</summary>
    internal readonly void End() => _ = libc.close(file);

    private readonly FileLock Lock => new(file, exclusive, ofOpenFile: true);

    [UnmanagedCallersOnly]
    private static void* Run(void* argument)
    {
        var self = (LockAttempt*)argument;
        self->thread = libc.gettid();
        Errno error = new(libc.EINTR);
        while (error.Is(libc.EINTR) && !self->isCancelled)
            error = self->Lock.Await();
        self->Result = error;
        nint size;
        do
            size = libc.write(self->toldAt, &argument, (nuint)sizeof(void*));
        while (Errno.Interrupted(size));
        return null;
    }
}
