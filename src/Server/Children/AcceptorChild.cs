using LocalService.Posix;

namespace LocalService.Server;

/// <summary>
/// The child that a thread started last, until it is registered. The kernel writes its process id before it runs, so that its end can be told from
/// the ends of children that the server didn't start: orphans that a process 1 inherits, which end at any time and whose numbers are reused.
/// </summary>
internal unsafe struct AcceptorChild
{
    internal ChildProcess Process;
    internal AcceptorChild* Next;

    // Replaces the process id when the child has ended.
    private const int Ended = -1;

    private int endStatus;

    /// <summary>Remembers the end of a child that isn't registered, if it is this one. Needs the lock.</summary>
    internal bool TryEnd(int pid, int status)
    {
        if (Process.Started != pid)
            return false;
        Process.Started = Ended;
        endStatus = status;
        return true;
    }

    /// <summary>
    /// Whether it has ended, and with which status, as of wait(2). From now on the child no longer belongs to this thread. Needs the lock.
    /// </summary>
    internal bool TakeEnd(out int status)
    {
        bool ended = Process.Started == Ended;
        Process.Started = 0;
        status = endStatus;
        return ended;
    }
}
