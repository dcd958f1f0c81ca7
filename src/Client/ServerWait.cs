using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Client;

/// <summary>
/// Waits for a server that isn't running yet. The kernel reports when its socket appears (inotify(7)), but not when it starts to listen. So it
/// also tries again and again, first after a millisecond, then after twice as long each time.
/// </summary>
/// <param name="path">The path of the socket; an abstract name can only be tried.</param>
/// <param name="limit">How long to wait.</param>
internal ref struct ServerWait(ReadOnlySpan<byte> path, TimeLimit limit)
{
    // The rest if there is no watch, or if the file system is changed from elsewhere and reports nothing.
    private const int LongestRest = 100;
    private const int EventBufferSize = 1024;

    private readonly ReadOnlySpan<byte> path = path;
    private Descriptor changes = new(-1);
    private bool isPrepared;
    private int rest = 1;

    /// <summary>Whether to try again: no server listens there, and there is time left. Returns after a change, or a rest.</summary>
    /// <param name="error">Why the server could not be reached.</param>
    internal bool MayTryAgain(Errno error)
    {
        if (error.Number is not (libc.ENOENT or libc.ECONNREFUSED) || limit.IsOver)
            return false;
        if (!isPrepared)
        {
            // An immediate retry finds a change that came before the watch.
            isPrepared = true;
            Watch();
            return true;
        }
        Rest();
        return true;
    }

    /// <summary>Releases the watch.</summary>
    internal void Dispose() => changes.Dispose();

    private unsafe void Watch()
    {
        int slash = path.LastIndexOf((byte)'/');
        if (path[0] == (byte)'@')
            return;
        changes = new Descriptor(libc.inotify_init1(libc.IN_CLOEXEC | libc.IN_NONBLOCK));
        if (changes.Number < 0)
            return;
        CString directory = slash < 0 ? Arena.CString("."u8) : Arena.CString(path[..(slash + 1)]);
        if (libc.inotify_add_watch(changes.Number, directory, libc.IN_CREATE | libc.IN_MOVED_TO | libc.IN_ATTRIB | libc.IN_ONLYDIR) < 0)
            changes.Dispose();
    }

    private unsafe void Rest()
    {
        var watched = new pollfd { fd = changes.Number, events = LibC.POLLIN };
        int wait = TimeLimit.Sooner(limit.Left, rest);
        rest = rest * 2 < LongestRest ? rest * 2 : LongestRest;
        int ready = LibC.poll(&watched, 1, wait);
        if (ready < 0)
            BackOff.RestAfterWait();
        if (ready <= 0)
            return;
        byte* events = stackalloc byte[EventBufferSize];
        while (libc.read(changes.Number, events, EventBufferSize) > 0)
        {
        }
        rest = 1;
    }
}
