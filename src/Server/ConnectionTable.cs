using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Server;

/// <summary>Which child serves whom, and how many connections each user has. Every operation but the signals takes constant time.</summary>
internal struct ConnectionTable
{
    private NumberTable userOfChild;
    private NumberTable countOfUser;

    /// <summary>How many connections there are.</summary>
    internal readonly uint Count => (uint)userOfChild.Count;

    /// <summary>How many connections a user has.</summary>
    internal readonly uint CountOf(uint user) => (uint)countOfUser.Get(user);

    /// <summary>Makes room for one connection more, so that adding it can't fail after its child was started. ENOMEM.</summary>
    internal Errno Reserve()
    {
        Errno error = userOfChild.Reserve();
        return error.Failed ? error : countOfUser.Reserve();
    }

    internal void Add(int pid, uint user)
    {
        userOfChild.Set((uint)pid, user);
        countOfUser.Set(user, countOfUser.Get(user) + 1);
    }

    /// <summary>Forgets a child that ended. False when it wasn't one of these.</summary>
    internal bool Remove(int pid, out uint user)
    {
        bool known = userOfChild.Remove((uint)pid, out ulong value);
        user = (uint)value;
        if (!known)
            return false;
        ulong left = countOfUser.Get(user) - 1;
        if (left == 0)
            _ = countOfUser.Remove(user, out _);
        else
            countOfUser.Set(user, left);
        return true;
    }

    /// <summary>Sends a signal to every child. One that has ended but was not waited for yet keeps its process id, so nobody else is hit.</summary>
    internal readonly void SignalAll(int signal)
    {
        for (int place = 0; place < userOfChild.Capacity; place++)
        {
            if (userOfChild.TryAt(place, out uint pid))
                _ = libc.kill((int)pid, signal);
        }
    }
}
