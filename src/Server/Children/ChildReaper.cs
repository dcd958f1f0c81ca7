using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Server;

/// <summary>
/// Waits for children that have ended. SIGCHLD names one child, but stands for all that end before it is read. To find these with waitpid(2) for -1
/// the kernel goes through all children, and meanwhile no process of the machine can start or end. So with many children they are looked up by
/// number, which takes constant time for each: soon among those that were started last, and little by little among all.
/// </summary>
/// <param name="server">The server. Its lock is held only for a part of a search.</param>
/// <typeparam name="TPeer">The clients.</typeparam>
internal unsafe struct ChildReaper<TPeer>(ServerState<TPeer>* server)
    where TPeer : unmanaged, IPeer<TPeer>
{
    // Up to this number, going through all children takes no longer than the other work for a connection.
    private const uint FewChildren = 128;

    // Searching so many places of the table takes less time than starting one program.
    private const int PlacesAtOnce = 64;

    // They take at most 3 % and 1 % of the time.
    private SearchPace recentPace = new(shortestRest: 2_000, restsPerSearch: 30);
    private SearchPace allPace = new(shortestRest: 10_000, restsPerSearch: 100);
    private int placesLeft;

    /// <summary>How long to wait for the next search, in milliseconds, as poll(2) takes it.</summary>
    internal readonly int MillisecondsLeft()
    {
        // A demand for a search of the recent children is also one for a later search of all.
        if (!allPace.IsDemanded)
            return -1;
        long now = Clock.Microseconds;
        return recentPace.IsDemanded ? recentPace.MillisecondsLeft(now) : allPace.MillisecondsLeft(now);
    }

    /// <summary>Handles a SIGCHLD that was read. Needs the lock.</summary>
    /// <param name="child">The child that it names.</param>
    internal void ChildEnded(int child)
    {
        if (child > 0)
            _ = TryReap(child);
        if (server->Connections.Registered < FewChildren)
        {
            while (TryReap(-1))
            {
            }
            return;
        }
        long now = Clock.Microseconds;
        recentPace.Demand(now);
        if (!allPace.IsDemanded)
            placesLeft = server->Connections.Places;
        allPace.Demand(now);
    }

    /// <summary>Makes the searches that are due.</summary>
    internal void Search()
    {
        if (!allPace.IsDemanded)
            return;
        long now = Clock.Microseconds;
        if (recentPace.IsTime(now))
        {
            server->Lock();
            SearchRecent();
            server->Unlock();
            recentPace.Finish(now, Clock.Microseconds, again: false);
        }
        else if (allPace.IsTime(now))
        {
            server->Lock();
            int found = 0;
            bool again = placesLeft > 0 ? SearchPart(out found) : SearchStrangers();
            server->Unlock();
            // A search that found many isn't followed by a rest.
            allPace.Finish(found > PlacesAtOnce / 8 ? Clock.Microseconds : now, Clock.Microseconds, again);
        }
    }

    private readonly void SearchRecent()
    {
        ref RecentChildren recent = ref server->Connections.Recent;
        for (int place = 0; place < RecentChildren.Capacity; place++)
        {
            int pid = recent.At(place);
            if (pid != 0 && (!server->Connections.IsRegistered(pid) || TryReap(pid)))
                recent.Forget(place);
        }
    }

    /// <summary>Searches a part of all children, from the last place to the first: removals only move children toward the front.</summary>
    private bool SearchPart(out int found)
    {
        found = 0;
        if (placesLeft > server->Connections.Places)
            placesLeft = server->Connections.Places;
        for (int end = placesLeft - PlacesAtOnce; placesLeft > 0 && placesLeft > end;)
        {
            placesLeft--;
            if (server->Connections.TryChildAt(placesLeft, out int pid) && TryReap(pid))
                found++;
        }
        return true;
    }

    /// <summary>
    /// Looks for the rest: children that the process had before it became the server, and the few that a search missed because they were registered
    /// or moved meanwhile. When there is one, there may be more.
    /// </summary>
    private bool SearchStrangers()
    {
        bool again = TryReap(-1);
        if (again)
            placesLeft = server->Connections.Places;
        return again;
    }

    /// <summary>Reaps a child, or any child for -1, if it has ended. False when it hasn't.</summary>
    private readonly bool TryReap(int child)
    {
        int status;
        int pid;
        do
        {
            pid = libc.waitpid(child, &status, libc.WNOHANG);
        }
        while (Errno.Interrupted(pid));
        if (pid > 0 && server->Connections.End(pid, status, out ClientKey client, out uint left))
        {
            server->Status.End((uint)pid);
            server->Status.SetLive(server->Connections.Count);
            server->Log.End(pid, client, status, left);
            server->Log.Status(server->Connections.Registered);
            server->SlotFreed();
        }
        return pid > 0;
    }
}
