using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Accounts;

/// <summary>
/// Arguments of options that are ids: decimal numbers, or names of <see cref="AccountFiles"/>. An argument of digits only is a number, even if
/// there is such a name. Each method reads the argument of the option that was returned last, and reports errors in it to the reader.
/// </summary>
internal static unsafe class IdArguments
{
    /// <summary>A user.</summary>
    /// <param name="options">The command line.</param>
    /// <param name="groups">The groups of a user given by name; otherwise nothing.</param>
    /// <returns>For a user given by number, that number and group 0.</returns>
    internal static User User(ref OptionReader options, out GroupIdList? groups)
    {
        groups = null;
        ReadOnlySpan<byte> name = options.Argument;
        if (IsNumber(name))
            return new User(options.Number(), 0);
        Result<User> user = AccountFiles.FindUser(name);
        Reject(ref options, user.Error, "user"u8);
        if (user.Failed)
            return default;
        Result<GroupIdList> found = AccountFiles.GroupsOf(name);
        Reject(ref options, found.Error, "groups of user"u8);
        groups = found.Failed ? null : found.Value;
        return user.Value;
    }

    /// <summary>A group.</summary>
    internal static uint Group(ref OptionReader options)
    {
        if (IsNumber(options.Argument))
            return options.Number();
        Result<uint> group = AccountFiles.FindGroup(options.Argument);
        Reject(ref options, group.Error, "group"u8);
        return group.Failed ? 0 : group.Value;
    }

    /// <summary>A list of groups, separated as in <see cref="GroupIdList"/>, which may be empty.</summary>
    internal static GroupIdList Groups(ref OptionReader options)
    {
        ReadOnlySpan<byte> rest = options.Argument;
        uint* groups = (uint*)Arena.Allocate(((nuint)rest.Length + 1) * sizeof(uint));
        int count = 0;
        while (!rest.IsEmpty)
        {
            int length = GroupIdList.LengthOfElement(rest);
            Result<uint> group = GroupOf(rest[..length]);
            bool isWhole = GroupIdList.TrySkipSeparator(rest[length..], out rest);
            Reject(ref options, group.Error, "list of group ids"u8);
            if (group.Failed)
                return default;
            groups[count++] = group.Value;
            if (isWhole && count <= libc.NGROUPS_MAX)
                continue;
            options.RejectArgument("list of group ids"u8);
            return default;
        }
        return new GroupIdList(groups, count);
    }

    /// <summary><c>USER:GROUP</c>, <c>USER:</c> or <c>:GROUP</c>, each a number or a name.</summary>
    internal static FileOwner Owner(ref OptionReader options)
    {
        int separator = options.Argument.IndexOf((byte)':');
        if (separator < 0 || options.Argument.Length == 1)
        {
            options.RejectArgument("uid:gid"u8);
            return default;
        }
        ReadOnlySpan<byte> user = options.Argument[..separator];
        ReadOnlySpan<byte> group = options.Argument[(separator + 1)..];
        Result<uint> userId = user.IsEmpty ? 0 : UserOf(user);
        Result<uint> groupId = group.IsEmpty ? 0 : GroupOf(group);
        Reject(ref options, userId.Error, "uid:gid"u8);
        Reject(ref options, groupId.Error, "uid:gid"u8);
        if (options.IsWrong)
            return default;
        var owner = new FileOwner(user.IsEmpty ? null : userId.Value, group.IsEmpty ? null : groupId.Value);
        // chown(2) takes this number for "unchanged", so no account has it.
        if ((owner.User == FileOwner.Unchanged && !user.IsEmpty) || (owner.Group == FileOwner.Unchanged && !group.IsEmpty))
            options.RejectArgument("uid:gid"u8);
        return owner;
    }

    private static Result<uint> UserOf(ReadOnlySpan<byte> text)
    {
        if (IsNumber(text))
            return Numbers.TryParse(text, out uint number) ? number : new Errno(libc.ESRCH);
        Result<User> user = AccountFiles.FindUser(text);
        return user.Failed ? user.Error : user.Value.Id;
    }

    private static Result<uint> GroupOf(ReadOnlySpan<byte> text)
    {
        if (!IsNumber(text))
            return AccountFiles.FindGroup(text);
        return Numbers.TryParse(text, out uint number) ? number : new Errno(libc.ESRCH);
    }

    private static bool IsNumber(ReadOnlySpan<byte> text)
    {
        int digits = 0;
        while (digits < text.Length && text[digits] is >= (byte)'0' and <= (byte)'9')
            digits++;
        return digits == text.Length && digits > 0;
    }

    // An unknown name is a usage error; files that can't be read are not.
    private static void Reject(ref OptionReader options, Errno error, ReadOnlySpan<byte> what)
    {
        if (error.Is(libc.ESRCH))
            options.RejectArgument(what);
        else if (error.Failed)
            options.FailArgument(what, error);
    }
}
