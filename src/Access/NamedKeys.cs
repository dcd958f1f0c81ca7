using System;
using LocalService.Accounts;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;
using LocalService.Rules;

namespace LocalService.Access;

/// <summary>
/// Translates the keys <c>user/NAME</c> and <c>group/NAME</c> to numeric ones, <c>uid/N</c> and <c>group/N</c>, when rules are compiled. A gate
/// never looks up names: the meaning of a name is settled once, by a user who may write the rules.
/// </summary>
internal struct NamedKeys
{
    private NumberTable users;
    private NumberTable groups;

    /// <summary>Translates a key; a key of any other kind stays as it is.</summary>
    /// <param name="rules">The directory of all rules, open.</param>
    /// <param name="kind">The kind of the rule.</param>
    /// <param name="name">Its name.</param>
    /// <param name="key">Gets the key, as a C string.</param>
    /// <returns>
    /// ESRCH for an unknown name; EEXIST if the rules already have the same number, as a number or under another name; errors of reading the
    /// accounts.
    /// </returns>
    internal Errno Translate(int rules, ReadOnlySpan<byte> kind, ReadOnlySpan<byte> name, out CString key)
    {
        if (kind.SequenceEqual("user"u8))
        {
            Result<User> user = AccountFiles.FindUser(name);
            key = null;
            return user.Failed ? user.Error : Take(rules, ref users, "uid/"u8, user.Value.Id, out key);
        }
        // A name of digits only is a number already.
        if (kind.SequenceEqual(PeerKeys.GroupKind) && !Numbers.TryParse(name, out _))
        {
            Result<uint> group = AccountFiles.FindGroup(name);
            key = null;
            return group.Failed ? group.Error : Take(rules, ref groups, "group/"u8, group.Value, out key);
        }
        key = Arena.CString(kind, "/"u8, name);
        return default;
    }

    private static Errno Take(int rules, ref NumberTable taken, ReadOnlySpan<byte> kind, uint id, out CString key)
    {
        key = Arena.CString(kind, Numbers.Decimal(id, stackalloc byte[Numbers.LongestText]));
        Result<FileStatus> numbered = FileStatus.OfLink(rules, key);
        if (!numbered.Failed || taken.Contains(id))
            return new Errno(libc.EEXIST);
        if (!numbered.Error.Is(libc.ENOENT))
            return numbered.Error;
        Errno error = taken.Reserve(1);
        if (!error.Failed)
            taken.Set(id, 1);
        return error;
    }
}
