using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Server;

/// <summary>
/// Which child serves which client, and how many connections each client has. A connection is begun when it is accepted, and registered when its
/// child is known; it counts from its beginning. Every operation except the signals takes constant time.
/// </summary>
internal unsafe struct ConnectionTable
{
    private NumberTable clientOfChild; // the place of its client
    private NumberTable groupOfChild; // the place of its group, where groups are counted
    private ClientCounts clients; // and groups
    private AcceptorChild* acceptors;
    private uint begun;

    /// <summary>The children that were registered last.</summary>
    internal RecentChildren Recent;

    /// <summary>How long the registered children may still live.</summary>
    internal Lifetimes Lifetimes;

    /// <summary>Whether connections are counted under groups as well. Set before the first one.</summary>
    internal bool CountsGroups;

    /// <summary>How many connections have a child.</summary>
    internal readonly uint Registered => (uint)clientOfChild.Count;

    /// <summary>How many connections there are, those included whose child isn't known yet.</summary>
    internal readonly uint Count => Registered + begun;

    /// <summary>How many connections were begun, but have neither got a child nor ended.</summary>
    internal readonly uint Begun => begun;

    /// <summary>How many connections a client has, or a group.</summary>
    internal readonly uint CountOf(ClientKey client) => clients.CountOf(client);

    /// <summary>The client at a place, as long as it has a connection.</summary>
    internal readonly ClientKey KeyAt(uint client) => clients.KeyAt(client);

    /// <summary>How many places there are to look at with <see cref="TryChildAt"/>.</summary>
    internal readonly int Places => clientOfChild.Capacity;

    /// <summary>Whether a child has a connection.</summary>
    internal readonly bool IsRegistered(int pid) => clientOfChild.Contains((uint)pid);

    /// <summary>The child at a place from 0 to <see cref="Places"/> - 1; false when the place is free.</summary>
    internal readonly bool TryChildAt(int place, out int pid)
    {
        bool found = clientOfChild.TryAt(place, out uint key);
        pid = (int)key;
        return found;
    }

    /// <summary>Makes room for a number of further connections, so that beginning and registering them can't fail. ENOMEM.</summary>
    internal Errno Reserve(uint connections)
    {
        return clientOfChild.Reserve(connections) && Lifetimes.Reserve(connections) && (CountsGroups ? groupOfChild.Reserve(connections) : default)
            && clients.Reserve(CountsGroups ? 2 * connections : connections);
    }

    /// <summary>Adds a thread that will register its children. <paramref name="acceptor"/> must not move in memory.</summary>
    internal void Join(AcceptorChild* acceptor)
    {
        acceptor->Next = acceptors;
        acceptors = acceptor;
    }

    /// <summary>Counts a connection of a client.</summary>
    /// <param name="client">The client.</param>
    /// <param name="group">The group of the client, a key that no client has; meaningless where groups aren't counted.</param>
    /// <returns>The connection's place, which identifies it until it ends.</returns>
    internal ConnectionPlace Begin(ClientKey client, ClientKey group)
    {
        begun++;
        return new ConnectionPlace(clients.Add(client), CountsGroups ? clients.Add(group) : ClientCounts.NoPlace);
    }

    /// <summary>Registers the child of a connection that was begun.</summary>
    /// <param name="pid">The child.</param>
    /// <param name="acceptor">The thread that started it.</param>
    /// <param name="place">The place of the connection.</param>
    /// <param name="endStatus">The child's status, as of wait(2), when it has ended.</param>
    /// <param name="left">How many connections the client then has; meaningless otherwise.</param>
    /// <returns>Whether the child has ended already; then it is removed.</returns>
    internal bool Register(int pid, AcceptorChild* acceptor, ConnectionPlace place, out int endStatus, out uint left)
    {
        left = 0;
        begun--;
        bool ended = acceptor->TakeEnd(out endStatus);
        if (ended)
            left = Remove(place);
        else
            Add(pid, place);
        return ended;
    }

    /// <summary>Ends a connection that was begun and has no child.</summary>
    /// <param name="place">The place of the connection.</param>
    /// <returns>How many connections the client has left.</returns>
    internal uint Abort(ConnectionPlace place)
    {
        begun--;
        return Remove(place);
    }

    /// <summary>
    /// Removes a child that has ended. False when it isn't registered: then either this server didn't start it, or its connection was only begun.
    /// </summary>
    /// <param name="pid">The child.</param>
    /// <param name="status">Its status, as of wait(2).</param>
    /// <param name="client">The client that it served.</param>
    /// <param name="left">How many connections the client has left.</param>
    internal bool End(int pid, int status, out ClientKey client, out uint left)
    {
        bool known = clientOfChild.Remove((uint)pid, out uint place);
        if (known)
            Lifetimes.End(pid);
        client = known ? clients.KeyAt(place) : default;
        uint group = ClientCounts.NoPlace;
        if (known && CountsGroups)
            _ = groupOfChild.Remove((uint)pid, out group);
        left = known ? Remove(new ConnectionPlace(place, group)) : 0;
        AcceptorChild* acceptor = known ? null : acceptors;
        while (acceptor != null && !acceptor->TryEnd(pid, status))
            acceptor = acceptor->Next;
        return known;
    }

    /// <summary>
    /// Sends a signal to every child. A child that has ended but was not waited for yet keeps its process id, so no other process is hit.
    /// </summary>
    internal readonly void SignalAll(int signal)
    {
        for (int place = 0; place < Places; place++)
        {
            if (TryChildAt(place, out int pid))
                _ = libc.kill(pid, signal);
        }
    }

    private uint Remove(ConnectionPlace place)
    {
        if (CountsGroups)
            _ = clients.Remove(place.Group);
        return clients.Remove(place.Client);
    }

    private void Add(int pid, ConnectionPlace place)
    {
        clientOfChild.Set((uint)pid, place.Client);
        if (CountsGroups)
            groupOfChild.Set((uint)pid, place.Group);
        Recent.Add(pid);
        Lifetimes.Begin(pid);
    }
}
