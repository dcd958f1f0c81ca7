using System;
using LocalService.Errors;
using LocalService.Libc;

namespace LocalService.Accounts;

/// <summary>The content of /etc/passwd, passwd(5): <c>NAME:PASSWORD:UID:GID:…</c>. The first line with a name counts.</summary>
internal static class PasswordText
{
    private const int IdField = 2;
    private const int GroupField = 3;

    /// <summary>Finds a user.</summary>
    /// <returns>ESRCH for an unknown name, EINVAL when its line is damaged.</returns>
    internal static Result<User> Find(ReadOnlySpan<byte> content, ReadOnlySpan<byte> name)
    {
        if (!AccountName.IsValid(name))
            return new Errno(libc.ESRCH);
        var lines = new AccountLines(content);
        while (lines.MoveNext())
        {
            if (!lines.Current.IsOf(name))
                continue;
            if (lines.Current.TryGetId(IdField, out uint id) && lines.Current.TryGetId(GroupField, out uint group))
                return new User(id, group);
            return new Errno(libc.EINVAL);
        }
        return new Errno(libc.ESRCH);
    }
}
