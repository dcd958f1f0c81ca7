using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Server;

/// <summary>
/// Closes the connections of a thread so that no client can make it wait. Unread messages may carry descriptors, which are closed with them, and a
/// socket among these may linger (SO_LINGER, socket(7)) for as long as the client has chosen. So a refused connection is closed here only when it
/// holds no message. The program that serves a connection has a copy, and the process that closes the last copy waits: that is the server only when
/// the program has ended within the microseconds until the server closes its own copy. For that case the thread is interrupted now and then, as long
/// as there are clients. None of this costs a served client a system call.
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

    /// <summary>Notes that this thread has accepted a client.</summary>
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

    /// <summary>
    /// Notes that there is no client: after two seconds without any, the interruptions stop. Call it when a signal has ended a wait.
    /// </summary>
    internal void Rest()
    {
        if (!isActive)
            return;
        // Descriptors that could not be closed for lack of a thread are tried again until they are closed.
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

    /// <summary>
    /// Closes a connection that nobody serves. The client can't send any more, so no messages come after those that are unread now.
    /// </summary>
    internal static void Refuse(int connection)
    {
        int unread = 0;
        if (libc.shutdown(connection, libc.SHUT_RDWR) == 0 && libc.ioctl(connection, libc.FIONREAD, &unread) == 0 && unread == 0)
            _ = libc.close(connection);
        else
            ForeignDescriptors.CloseAtOnce(connection);
    }
}
