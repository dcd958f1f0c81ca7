using System;
using System.Runtime.CompilerServices;
using LocalService.Errors;
using LocalService.Posix;
using LocalService.Services;

namespace LocalService.Server;

/// <summary>
/// The state that the threads of a server share: one thread for the signals, several that accept. All changes are made under the lock, and every log
/// line is written under it, so that lines never mix and their counts are in order.
/// </summary>
/// <typeparam name="TPeer">The clients.</typeparam>
internal unsafe struct ServerState<TPeer>
    where TPeer : unmanaged, IPeer<TPeer>
{
    /// <summary>Options and limits.</summary>
    internal DaemonOptions Options;

    /// <summary>The log of events.</summary>
    internal ServerLog<TPeer> Log;

    /// <summary>The command line that is run for each connection.</summary>
    internal ProgramChain Program;

    /// <summary>The environment of the server itself.</summary>
    internal EnvironmentBlock Environment;

    /// <summary>The connections.</summary>
    internal ConnectionTable Connections;

    /// <summary>The status that other processes may see; needs the lock.</summary>
    internal ServerStatus Status;

    // In milliseconds: far more than a connection needs between accept(2) and its child, unless its gate hangs.
    private const uint LongestHold = 2_000;

    /// <summary>The process id of the server.</summary>
    internal int ProcessId;

    private Mutex mutex;
    private Condition slotFreed;
    private Condition beginningAllowed;
    private BackOff backOff;
    private uint threads;
    private uint reserved;
    private bool held;
    private bool ending;
    private bool drained;
    private TimeLimit idle;

    /// <summary>Initializes the lock. Only the options are set before.</summary>
    internal void Initialize()
    {
        idle = new TimeLimit(Options.Idle);
        mutex.Initialize();
        slotFreed.Initialize();
        beginningAllowed.Initialize();
    }

    internal void Lock() => mutex.Lock();

    internal void Unlock() => mutex.Unlock();

    /// <summary>Starts one more thread that accepts. Needs the lock.</summary>
    internal Errno StartThread()
    {
        Errno error = Acceptor<TPeer>.Start((ServerState<TPeer>*)Unsafe.AsPointer(ref this));
        if (!error.Failed)
            threads++;
        return error;
    }

    /// <summary>Whether a slot is free. Needs the lock.</summary>
    internal readonly bool HasSlot => !drained && Connections.Count + reserved < Options.MaximumConnections;

    /// <summary>Waits for a free slot. Needs the lock, and gives it up while it waits.</summary>
    internal void AwaitSlot()
    {
        while (ending || !HasSlot)
            slotFreed.Wait(ref mutex);
    }

    /// <summary>
    /// Reserves a slot for one connection, when one is free: a client is accepted only when it can be served, and waits in the backlog of the socket
    /// until then. Needs the lock.
    /// </summary>
    /// <returns>ENOMEM when there is no memory to keep track of the connection.</returns>
    internal Errno ReserveSlot()
    {
        Errno error = Connections.Reserve(Connections.Begun + reserved + 1);
        if (!error.Failed)
            reserved++;
        return error;
    }

    /// <summary>Returns a slot that was not used. Needs the lock.</summary>
    internal void ReturnSlot()
    {
        reserved--;
        slotFreed.Signal();
    }

    /// <summary>
    /// Turns a reserved slot into a connection, unless its client has too many. Waits while the server is held. Needs the lock.
    /// </summary>
    /// <param name="client">The client.</param>
    /// <param name="group">The group of the client, where groups are counted.</param>
    /// <param name="place">Receives the place of the connection.</param>
    /// <param name="numbers">How many connections there are with this one, if it begins; without lookups, all of them count as the client's.</param>
    internal bool TryBegin(ClientKey client, ClientKey group, out ConnectionPlace place, out ConnectionNumbers numbers)
    {
        while (held)
            beginningAllowed.Wait(ref mutex);
        place = default;
        numbers = new ConnectionNumbers { Total = Connections.Count + 1 };
        numbers.Client = Options.Lookups ? Connections.CountOf(client) + 1 : numbers.Total;
        if (numbers.Client > Options.MaximumPerClient)
        {
            idle.Restart();
            ReturnSlot();
            return false;
        }
        reserved--;
        place = Connections.Begin(client, group);
        if (Connections.CountsGroups)
            numbers.Group = Connections.CountOf(group);
        if (ending)
            return true;
        // No thread is about to accept the next client: start one more, up to the limit. Threads that found no client and wait hold no slot and so
        // don't count: under load the limit is reached soon. When the start fails, the present threads have to do, for good: trying again and again
        // where threads or memory are short would only make them shorter.
        if (reserved == 0 && threads > 0 && threads < Options.Threads && StartThread().Failed)
            Options.Threads = threads;
        return true;
    }

    /// <summary>A connection ended, so that a thread may accept another one. Needs the lock.</summary>
    internal void SlotFreed()
    {
        idle.Restart();
        slotFreed.Signal();
    }

    /// <summary>Whether nobody is connected, and nobody is being accepted. Callers without the lock may ask repeatedly.</summary>
    internal readonly bool IsEmpty => Connections.Count + reserved == 0;

    /// <summary>Whether nobody has been connected for as long as a server without clients may live. Needs the lock.</summary>
    internal readonly bool IsUseless => IsEmpty && idle.IsOver;

    /// <summary>How long to wait before <see cref="IsUseless"/> is worth checking, in milliseconds, as poll(2) takes it.</summary>
    internal readonly int IdleMillisecondsLeft => (Connections.Count == 0 ? idle : new TimeLimit(Options.Idle)).Left;

    /// <summary>Stops accepting clients, for good; those already accepted are served. Needs the lock.</summary>
    internal void StopAccepting() => drained = true;

    /// <summary>Whether <see cref="StopAccepting"/> was called, and nobody is being accepted any more. Needs the lock.</summary>
    internal readonly bool HasStoppedAccepting => drained && reserved == 0;

    /// <summary>Whether connections may come and go without a signal. Callers may ask without the lock, and repeatedly.</summary>
    internal readonly bool IsMoving => reserved + Connections.Begun > 0;

    /// <summary>
    /// Whether a thread that serves a connection should finish soon: signals wait for it. Callers may ask without the lock, and repeatedly.
    /// </summary>
    internal readonly bool IsHurried => held || ending;

    /// <summary>
    /// Keeps new connections from beginning, and waits until those that have begun are registered: then every child is known. It doesn't wait
    /// forever, because a gate may hang. Needs the lock, and gives it up while it waits.
    /// </summary>
    internal void Hold()
    {
        held = true;
        var limit = new TimeLimit(LongestHold);
        while (Connections.Begun > 0 && !limit.IsOver)
            RestUnlocked();
    }

    /// <summary>
    /// Stops accepting clients, and holds the server when the accepted ones have begun: a server that ends drops no client that it has taken out of
    /// the backlog, except those whose gate hangs. Needs the lock, and gives it up while it waits.
    /// </summary>
    internal void Finish()
    {
        ending = true;
        var limit = new TimeLimit(LongestHold);
        while (reserved > 0 && !limit.IsOver)
            RestUnlocked();
        Hold();
    }

    /// <summary>Lets connections begin again. Needs the lock.</summary>
    internal void Release()
    {
        held = false;
        beginningAllowed.Broadcast();
    }

    // The wait is short and rare, and nobody has to be notified of its end.
    private void RestUnlocked()
    {
        Unlock();
        Clock.Sleep(milliseconds: 1);
        Lock();
    }

    /// <summary>Warns that the system has run out of a resource, at most once a second. The caller rests for a moment. Needs the lock.</summary>
    internal void WarnOfExhaustion(ReadOnlySpan<byte> action, ReadOnlySpan<byte> name, Errno error)
    {
        if (Status.Page != null)
            Status.Page->Exhaustions++;
        if (backOff.MayWarn())
            Log.Unable(action, name, error);
    }
}
