using System;
using LocalService.Accounts;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Privilege;

/// <summary>The ids of an account.</summary>
internal struct AccountIds
{
    internal uint User;
    internal uint Group;
    internal GroupIdList Groups;

    /// <summary>Parses <c>UID:GID:GIDLIST</c>. Any part may be empty, and the later ones may be missing: 0, or no group.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> text, out AccountIds ids)
    {
        ids = default;
        ReadOnlySpan<byte> user = UntilColon(ref text);
        ReadOnlySpan<byte> group = UntilColon(ref text);
        return (user.IsEmpty || Numbers.TryParse(user, out ids.User))
            && (group.IsEmpty || Numbers.TryParse(group, out ids.Group))
            && GroupIdList.TryParse(text, out ids.Groups);
    }

    /// <summary>Removes the text before the first colon, and the colon.</summary>
    internal static ReadOnlySpan<byte> UntilColon(ref ReadOnlySpan<byte> text)
    {
        int end = text.IndexOf((byte)':');
        ReadOnlySpan<byte> part = end < 0 ? text : text[..end];
        text = end < 0 ? default : text[(end + 1)..];
        return part;
    }
}

/// <summary>
/// Finds the ids of an account for <see cref="EnvUidGid"/>: first by name, then, if numbers are allowed, as a number, else it uses the
/// defaults. After a method has written a message, it returns an outcome with an exit code other than 0.
/// </summary>
/// <param name="diagnostics">The messages of the role.</param>
/// <param name="source">The source of the accounts.</param>
/// <param name="takesNumbers">Whether an unknown name may be a number.</param>
/// <param name="hasDefaults">Whether an unknown name gets the default ids.</param>
/// <param name="ids">The defaults; parts that are found override them.</param>
internal ref struct AccountResolver(Diagnostics diagnostics, AccountSource source, bool takesNumbers, bool hasDefaults, AccountIds ids)
{
    private readonly Diagnostics diagnostics = diagnostics;
    private AccountIds ids = ids;

    internal readonly AccountIds Ids => ids;

    /// <summary>Finds a user with its groups. With numbers, an unknown user is parsed by <see cref="FindBoth"/>.</summary>
    internal Outcome FindAccount(scoped ReadOnlySpan<byte> name)
    {
        Result<User> user = source.FindUser(name);
        if (user.Error.Is(libc.ESRCH))
            return takesNumbers ? FindBoth(name) : FallBack("unknown user: "u8, name);
        if (user.Failed)
            return diagnostics.Fatal(user.Error, "unable to look up user "u8, name);
        Result<GroupIdList> groups = source.GroupsOf(name);
        if (groups.Failed)
            return diagnostics.Fatal(groups.Error, "unable to look up the groups of user "u8, name);
        ids = new AccountIds { User = user.Value.Id, Group = user.Value.Group, Groups = groups.Value };
        return Outcome.Exit(ExitCode.Success);
    }

    /// <summary>Parses <c>USER:GROUP</c>. An empty or missing part keeps the default.</summary>
    internal Outcome FindBoth(scoped ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> user = AccountIds.UntilColon(ref text);
        Outcome outcome = text.IsEmpty ? Outcome.Exit(ExitCode.Success) : FindGroup(text);
        return outcome.Code != ExitCode.Success || user.IsEmpty ? outcome : FindUser(user);
    }

    internal Outcome FindUser(scoped ReadOnlySpan<byte> name)
    {
        Result<User> user = source.FindUser(name);
        if (user.Failed && !user.Error.Is(libc.ESRCH))
            return diagnostics.Fatal(user.Error, "unable to look up user "u8, name);
        if (!user.Failed)
            ids.User = user.Value.Id;
        else if (!takesNumbers || !Numbers.TryParse(name, out uint number))
            return FallBack("unknown user: "u8, name);
        else
            ids.User = number;
        return Outcome.Exit(ExitCode.Success);
    }

    internal Outcome FindGroup(scoped ReadOnlySpan<byte> name)
    {
        Result<uint> group = source.FindGroup(name);
        if (group.Failed && !group.Error.Is(libc.ESRCH))
            return diagnostics.Fatal(group.Error, "unable to look up group "u8, name);
        if (!group.Failed)
            ids.Group = group.Value;
        else if (!takesNumbers || !Numbers.TryParse(name, out uint number))
            return FallBack("unknown group: "u8, name);
        else
            ids.Group = number;
        return Outcome.Exit(ExitCode.Success);
    }

    private readonly Outcome FallBack(scoped ReadOnlySpan<byte> message, scoped ReadOnlySpan<byte> name) =>
        hasDefaults ? Outcome.Exit(ExitCode.Success) : diagnostics.Fatal(ExitCode.Refused, message, name);
}
