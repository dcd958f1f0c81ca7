using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Privilege;

/// <summary>
/// Changes ids for good, credentials(7). The order is groups, group, user, since the change of the user takes away the right to change the others.
/// Afterwards it compares the wanted ids with those that the kernel reports.
/// </summary>
internal static unsafe class PrivilegeDrop
{
    /// <summary>Sets the supplementary groups: setgroups(2).</summary>
    internal static Errno SetGroups(ReadOnlySpan<uint> groups)
    {
        fixed (uint* list = groups)
        {
            Errno error = Errno.Of(libc.setgroups((nuint)groups.Length, list));
            return error.Failed || HasGroups(groups) ? error : new Errno(libc.EPERM);
        }
    }

    /// <summary>Sets the real, effective and saved group id.</summary>
    internal static Errno SetGroup(uint group)
    {
        uint real, effective, saved;
        if (libc.setgid(group) < 0 || libc.getresgid(&real, &effective, &saved) < 0)
            return Errno.Last;
        return real == group && effective == group && saved == group ? default : new Errno(libc.EPERM);
    }

    /// <summary>
    /// Sets the real, effective and saved user id. The process stays as visible to the debuggers of the new user as it was, as after the execve(2)
    /// that follows such a change in a chain of separate programs.
    /// </summary>
    internal static Errno SetUser(uint user)
    {
        int dumpable = libc.prctl(libc.PR_GET_DUMPABLE, 0, 0, 0, 0);
        uint real, effective, saved;
        if (libc.setuid(user) < 0 || libc.getresuid(&real, &effective, &saved) < 0)
            return Errno.Last;
        if (real != user || effective != user || saved != user)
            return new Errno(libc.EPERM);
        if (dumpable == 1)
            _ = libc.prctl(libc.PR_SET_DUMPABLE, 1, 0, 0, 0);
        return default;
    }

    /// <summary>
    /// Whether every supplementary group of the process is one of the given ones, or its own group: a process without the right to change the list
    /// then has nothing to give up.
    /// </summary>
    internal static bool HasNoGroupBesides(ReadOnlySpan<uint> allowed)
    {
        int count = libc.getgroups(0, null);
        uint* actual = (uint*)Arena.Allocate((nuint)(count < 0 ? 0 : count) * sizeof(uint) + 1);
        if (count < 0 || libc.getgroups(count, actual) != count)
            return false;
        uint ownGroup = libc.getegid();
        foreach (uint group in new ReadOnlySpan<uint>(actual, count))
        {
            if (group != ownGroup && !Contains(allowed, group))
                return false;
        }
        return true;
    }

    // The kernel keeps the list sorted, with duplicates.
    private static bool HasGroups(ReadOnlySpan<uint> expected)
    {
        int count = libc.getgroups(0, null);
        if (count != expected.Length)
            return false;
        uint* actual = (uint*)Arena.Allocate((nuint)count * sizeof(uint) + 1);
        if (libc.getgroups(count, actual) != count)
            return false;
        var actualGroups = new ReadOnlySpan<uint>(actual, count);
        foreach (uint group in expected)
        {
            if (!Contains(actualGroups, group))
                return false;
        }
        return true;
    }

    private static bool Contains(ReadOnlySpan<uint> groups, uint wanted)
    {
        foreach (uint group in groups)
        {
            if (group == wanted)
                return true;
        }
        return false;
    }
}
