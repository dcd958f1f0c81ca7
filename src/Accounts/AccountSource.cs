using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Accounts;

/// <summary>The source of accounts: the files, or <see cref="GetEnt"/> and the files only if there is no such program.</summary>
/// <param name="asksGetEnt">Whether to ask getent(1).</param>
/// <param name="environment">The environment of the program.</param>
internal readonly struct AccountSource(bool asksGetEnt, EnvironmentBlock environment)
{
    /// <summary>Finds a user.</summary>
    /// <returns>ESRCH for an unknown name; any other error says nothing about the user.</returns>
    internal Result<User> FindUser(ReadOnlySpan<byte> name)
    {
        Result<User> answer = asksGetEnt ? new GetEnt(environment).FindUser(name) : new Errno(libc.ENOENT);
        return answer.Error.Is(libc.ENOENT) ? AccountFiles.FindUser(name) : answer;
    }

    /// <summary>Finds a group.</summary>
    /// <returns>ESRCH for an unknown name; any other error says nothing about the group.</returns>
    internal Result<uint> FindGroup(ReadOnlySpan<byte> name)
    {
        Result<uint> answer = asksGetEnt ? new GetEnt(environment).FindGroup(name) : new Errno(libc.ENOENT);
        return answer.Error.Is(libc.ENOENT) ? AccountFiles.FindGroup(name) : answer;
    }

    /// <summary>Lists the supplementary groups of an existing user.</summary>
    internal Result<GroupIdList> GroupsOf(ReadOnlySpan<byte> user)
    {
        Result<GroupIdList> answer = asksGetEnt ? new GetEnt(environment).GroupsOf(user) : new Errno(libc.ENOENT);
        return answer.Error.Is(libc.ENOENT) ? AccountFiles.GroupsOf(user) : answer;
    }
}
