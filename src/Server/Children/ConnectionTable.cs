using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Server;

/// <summary>
/// Which child serves whom, and how many connections each client has. A connection is begun when it is accepted, and registered when its child
/// is known; until then it counts already. Every operation but the signals takes constant time.
/// </summary>
internal unsafe struct ConnectionTable
{
    private NumberTable clientOfChild; // its place among the clients
    private NumberTable groupOfChild; // that of its group, where groups are counted
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

    /// <summary>How many connections were begun and have neither a child nor an end.</summary>
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

    /// <summary>Makes room for a number of connections more, so that beginning and registering them can't fail. ENOMEM.</summary>
    internal Errno Reserve(uint connections)
    {
        return clientOfChild.Reserve(connections) && Lifetimes.Reserve(connections) && (CountsGroups ? groupOfChild.Reserve(connections) : default)
            && clients.Reserve(CountsGroups ? 2 * connections : connections);
    }

    /// <summary>A thread that will register its children. It must not move in memory.</summary>
    internal void Join(AcceptorChild* acceptor)
    {
        acceptor->Next = acceptors;
        acceptors = acceptor;
    }

    /// <summary>Counts a connection of a client.</summary>
    /// <param name="client">Whose it is.</param>
    /// <param name="group">The group of the client, a key that no client has; of no meaning where groups aren't counted.</param>
    /// <returns>The connection's place, which is what it is called until it ends.</returns>
    internal ConnectionPlace Begin(ClientKey client, ClientKey group)
    {
        begun++;
        return new ConnectionPlace(clients.Add(client), CountsGroups ? clients.Add(group) : ClientCounts.NoPlace);
    }

    /// <summary>A connection that was begun has got its child.</summary>
    /// <param name="pid">The child.</param>
    /// <param name="acceptor">Who started it.</param>
    /// <param name="place">The place of the connection.</param>
    /// <param name="endStatus">The child's status, as of wait(2), when it has ended.</param>
    /// <param name="left">How many connections the client has then; of no meaning otherwise.</param>
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

    /// <summary>A connection that was begun ends without a child.</summary>
    /// <param name="place">The place of the connection.</param>
    /// <returns>How many connections the client has left.</returns>
    internal uint Abort(ConnectionPlace place)
    {
        begun--;
        return Remove(place);
    }

    /// <summary>
    /// A child has ended. False when it isn't registered: then it is either not of this server, or its connection was only begun.
    /// </summary>
    /// <param name="pid">The child.</param>
    /// <param name="status">Its status, as of wait(2).</param>
    /// <param name="client">Whose it was.</param>
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

    /// <summary>Sends a signal to every child. One that has ended but was not waited for yet keeps its process id, so nobody else is hit.</summary>
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
