using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Accounts;

/// <summary>The content of /etc/group, group(5): <c>NAME:PASSWORD:GID:MEMBER,MEMBER,…</c>. The first line with a name counts.</summary>
internal static unsafe class GroupText
{
    private const int IdField = 2;
    private const int MembersField = 3;

    /// <summary>Finds a group.</summary>
    /// <returns>ESRCH for an unknown name, EINVAL when its line is damaged.</returns>
    internal static Result<uint> Find(ReadOnlySpan<byte> content, ReadOnlySpan<byte> name)
    {
        if (!AccountName.IsValid(name))
            return new Errno(libc.ESRCH);
        var lines = new AccountLines(content);
        while (lines.MoveNext())
        {
            if (lines.Current.IsOf(name))
                return lines.Current.TryGetId(IdField, out uint id) ? id : new Errno(libc.EINVAL);
        }
        return new Errno(libc.ESRCH);
    }

    /// <summary>
    /// Lists the groups that have a user as a member, in the order of the lines. The user's primary group is only included if a line lists the
    /// user as a member.
    /// </summary>
    /// <returns>EINVAL when a line with the user is damaged, or there are more groups than the kernel takes.</returns>
    internal static Result<GroupIdList> ListOf(ReadOnlySpan<byte> content, ReadOnlySpan<byte> user)
    {
        int most = CountOf(content, user);
        if (most > libc.NGROUPS_MAX)
            return new Errno(libc.EINVAL);
        uint* groups = (uint*)Arena.Allocate((nuint)most * sizeof(uint) + 1);
        int count = 0;
        var lines = new AccountLines(content);
        while (lines.MoveNext())
        {
            if (lines.Current.Lists(MembersField, user) && !lines.Current.TryGetId(IdField, out groups[count++]))
                return new Errno(libc.EINVAL);
        }
        return new GroupIdList(groups, count);
    }

    private static int CountOf(ReadOnlySpan<byte> content, ReadOnlySpan<byte> user)
    {
        int count = 0;
        var lines = new AccountLines(content);
        while (lines.MoveNext())
            count += lines.Current.Lists(MembersField, user) ? 1 : 0;
        return count;
    }
}
