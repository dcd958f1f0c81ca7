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
    private ClientCounts clients;
    private AcceptorChild* acceptors;
    private uint begun;

    /// <summary>The children that were registered last.</summary>
    internal RecentChildren Recent;

    /// <summary>How long the registered children may still live.</summary>
    internal Lifetimes Lifetimes;

    /// <summary>How many connections have a child.</summary>
    internal readonly uint Registered => (uint)clientOfChild.Count;

    /// <summary>How many connections there are, those included whose child isn't known yet.</summary>
    internal readonly uint Count => Registered + begun;

    /// <summary>How many connections were begun and have neither a child nor an end.</summary>
    internal readonly uint Begun => begun;

    /// <summary>How many connections a client has.</summary>
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
        return clientOfChild.Reserve(connections) && Lifetimes.Reserve(connections) && clients.Reserve(connections);
    }

    /// <summary>A thread that will register its children. It must not move in memory.</summary>
    internal void Join(AcceptorChild* acceptor)
    {
        acceptor->Next = acceptors;
        acceptors = acceptor;
    }

    /// <summary>Counts a connection of a client.</summary>
    /// <returns>The client's place, which is what it is called until the connection ends.</returns>
    internal uint Begin(ClientKey client)
    {
        begun++;
        return clients.Add(client);
    }

    /// <summary>A connection that was begun has got its child.</summary>
    /// <param name="pid">The child.</param>
    /// <param name="acceptor">Who started it.</param>
    /// <param name="client">The place of the client.</param>
    /// <param name="endStatus">The child's status, as of wait(2), when it has ended.</param>
    /// <param name="left">How many connections the client has then; of no meaning otherwise.</param>
    /// <returns>Whether the child has ended already; then it is removed.</returns>
    internal bool Register(int pid, AcceptorChild* acceptor, uint client, out int endStatus, out uint left)
    {
        left = 0;
        begun--;
        bool ended = acceptor->TakeEnd(out endStatus);
        if (ended)
            left = clients.Remove(client);
        else
            Add(pid, client);
        return ended;
    }

    /// <summary>A connection that was begun ends without a child.</summary>
    /// <param name="client">The place of the client.</param>
    /// <returns>How many connections the client has left.</returns>
    internal uint Abort(uint client)
    {
        begun--;
        return clients.Remove(client);
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
        left = known ? clients.Remove(place) : 0;
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

    private void Add(int pid, uint client)
    {
        clientOfChild.Set((uint)pid, client);
        Recent.Add(pid);
        Lifetimes.Begin(pid);
    }
}
