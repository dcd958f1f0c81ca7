using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Server;

/// <summary>
/// Closes the connections of a thread in a way that no client can make it wait. Messages that nobody has read may carry descriptors, which are
/// closed with them, and a socket among these may linger (SO_LINGER, socket(7)) for as long as the client has chosen. So a connection that is
/// refused is closed here only when it holds no message. Of one that is served, the program has a copy, and whoever closes the last one waits: that is
/// the server only when a program has ended within the microseconds until it closes its own; for that case the thread is interrupted
/// now and then, as long as there are clients. None of this costs a client that is served a system call.
/// </summary>
internal unsafe struct ConnectionCloser
{
    private const int IntervalMilliseconds = 250;
    private const int QuietIntervals = 8;

    private Interruptions interruptions;
    private bool isOpen;
    private bool isActive;
    private uint clients;
    private uint clientsBefore;
    private int quietIntervals;

    /// <summary>A client was accepted by this thread.</summary>
    internal void Begin()
    {
        clients++;
        if (isActive)
            return;
        if (!isOpen)
            _ = interruptions.Open();
        isOpen = true;
        isActive = true;
        interruptions.Begin(IntervalMilliseconds * 1_000_000);
    }

    /// <summary>There is no client: after two seconds without any there are no interruptions either. To be called when a signal has ended a wait.</summary>
    internal void Rest()
    {
        if (!isActive)
            return;
        // What could not be closed for want of a thread is tried again, until it is.
        bool isQuiet = clients == clientsBefore && !ForeignDescriptors.AreStuck();
        quietIntervals = isQuiet ? quietIntervals + 1 : 0;
        clientsBefore = clients;
        if (quietIntervals < QuietIntervals)
            return;
        isActive = false;
        interruptions.End();
    }

    /// <summary>Closes a connection that a program serves.</summary>
    internal static void Close(int connection) => _ = libc.close(connection);

    /// <summary>Closes a connection that nobody serves. The client can't send any more, so what is there to read is all there is.</summary>
    internal static void Refuse(int connection)
    {
        int unread = 0;
        if (libc.shutdown(connection, libc.SHUT_RDWR) == 0 && libc.ioctl(connection, libc.FIONREAD, &unread) == 0 && unread == 0)
            _ = libc.close(connection);
        else
            ForeignDescriptors.CloseAtOnce(connection);
    }
}
