using LocalService.Posix;

namespace LocalService.Server;

/// <summary>
/// The child that a thread started last, until it is registered. The kernel writes who it is before it runs, so that its end is told from those
/// of children that the server didn't start: orphans that come to a process 1, which end at any time and whose numbers come again.
/// </summary>
internal unsafe struct AcceptorChild
{
    internal ChildProcess Process;
    internal AcceptorChild* Next;

    // In the place of the child when it has ended.
    private const int Ended = -1;

    private int endStatus;

    /// <summary>A child that isn't registered has ended: remembers it when it is this one. Needs the lock.</summary>
    internal bool TryEnd(int pid, int status)
    {
        if (Process.Started != pid)
            return false;
        Process.Started = Ended;
        endStatus = status;
        return true;
    }

    /// <summary>Whether it has ended, and with which status, as of wait(2). From now on it is nobody's any more. Needs the lock.</summary>
    internal bool TakeEnd(out int status)
    {
        bool ended = Process.Started == Ended;
        Process.Started = 0;
        status = endStatus;
        return ended;
    }
}
