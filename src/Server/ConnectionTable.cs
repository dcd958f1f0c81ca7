using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Server;

/// <summary>
/// Which child serves whom, and how many connections each user has. A connection is begun when it is accepted, and registered when its child
/// is known; until then it counts already. Every operation but the signals takes constant time.
/// </summary>
internal struct ConnectionTable
{
    private NumberTable userOfChild;
    private NumberTable countOfUser;
    private NumberTable earlyEnds;
    private uint begun;

    /// <summary>The children that were registered last.</summary>
    internal RecentChildren Recent;

    /// <summary>How many connections have a child.</summary>
    internal readonly uint Registered => (uint)userOfChild.Count;

    /// <summary>How many connections there are, those included whose child isn't known yet.</summary>
    internal readonly uint Count => Registered + begun;

    /// <summary>How many connections were begun and have neither a child nor an end.</summary>
    internal readonly uint Begun => begun;

    /// <summary>How many connections a user has.</summary>
    internal readonly uint CountOf(uint user) => countOfUser.Get(user);

    /// <summary>How many places there are to look at with <see cref="TryChildAt"/>.</summary>
    internal readonly int Places => userOfChild.Capacity;

    /// <summary>Whether a child has a connection.</summary>
    internal readonly bool IsRegistered(int pid) => userOfChild.Contains((uint)pid);

    /// <summary>The child at a place from 0 to <see cref="Places"/> - 1; false when the place is free.</summary>
    internal readonly bool TryChildAt(int place, out int pid)
    {
        bool found = userOfChild.TryAt(place, out uint key);
        pid = (int)key;
        return found;
    }

    /// <summary>Makes room for a number of connections more, so that beginning and registering them can't fail. ENOMEM.</summary>
    internal Errno Reserve(uint connections)
    {
        Errno error = userOfChild.Reserve(connections);
        return error.Failed ? error : countOfUser.Reserve(connections);
    }

    /// <summary>Counts a connection of a user.</summary>
    internal void Begin(uint user)
    {
        begun++;
        countOfUser.Set(user, countOfUser.Get(user) + 1);
    }

    /// <summary>A connection that was begun has got its child.</summary>
    /// <returns>Whether the child has ended already, with that status; then it is removed.</returns>
    internal bool Register(int pid, uint user, out int endStatus)
    {
        begun--;
        bool ended = earlyEnds.Remove((uint)pid, out uint status);
        endStatus = (int)status;
        if (ended)
            Uncount(user);
        else
            Add(pid, user);
        ForgetStrangers();
        return ended;
    }

    /// <summary>A connection that was begun ends without a child.</summary>
    /// <param name="user">Whose it is.</param>
    /// <param name="failedPid">The child that could not execute the program, or below 0.</param>
    internal void Abort(uint user, int failedPid)
    {
        begun--;
        Uncount(user);
        ForgetFailed(failedPid);
        ForgetStrangers();
    }

    /// <summary>A child could not execute the program, and another one will be started for the connection.</summary>
    /// <param name="failedPid">The child, or below 0 when there was none.</param>
    internal void ForgetFailed(int failedPid)
    {
        if (failedPid >= 0)
            _ = earlyEnds.Remove((uint)failedPid, out _);
    }

    /// <summary>Makes room for <see cref="End"/>. ENOMEM.</summary>
    internal Errno ReserveEnd() => earlyEnds.Reserve(1);

    /// <summary>
    /// A child has ended. False when it isn't registered: then it is either not of this server, or its connection was only begun.
    /// Needs a <see cref="ReserveEnd"/> before.
    /// </summary>
    internal bool End(int pid, int status, out uint user)
    {
        bool known = userOfChild.Remove((uint)pid, out uint value);
        user = value;
        if (known)
            Uncount(user);
        else if (begun > 0)
            earlyEnds.Set((uint)pid, (uint)status);
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

    private void Add(int pid, uint user)
    {
        userOfChild.Set((uint)pid, user);
        Recent.Add(pid);
    }

    private void Uncount(uint user)
    {
        uint left = countOfUser.Get(user) - 1;
        if (left == 0)
            _ = countOfUser.Remove(user, out _);
        else
            countOfUser.Set(user, left);
    }

    // When nothing is begun any more, what is left there were children that the process had before.
    private void ForgetStrangers()
    {
        if (begun == 0 && earlyEnds.Count > 0)
            earlyEnds.Clear();
    }
}
