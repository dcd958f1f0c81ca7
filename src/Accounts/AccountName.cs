using System;
using LocalService.Memory;

namespace LocalService.Accounts;

/// <summary>The names of users and groups.</summary>
internal static class AccountName
{
    /// <summary>
    /// Whether an account can have the name. A name that begins with <c>+</c> or <c>-</c> is a reference to NIS in the files, and an option to
    /// getent(1).
    /// </summary>
    internal static bool IsValid(ReadOnlySpan<byte> name) =>
        !name.IsEmpty
        && name[0] is not ((byte)'+' or (byte)'-')
        && name.IndexOf((byte)':') < 0
        && name.IndexOf((byte)',') < 0
        && name.IndexOf((byte)'\n') < 0;
}
