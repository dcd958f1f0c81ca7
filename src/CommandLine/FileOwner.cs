using System;
using LocalService.Posix;

namespace LocalService.CommandLine;

/// <summary>The owner and the group that a file is to get, the argument of <c>-o</c>; either may stay as it is.</summary>
internal readonly struct FileOwner(uint? user, uint? group)
{
    /// <summary>What chown(2) takes for "as it is".</summary>
    internal const uint Unchanged = uint.MaxValue;

    /// <summary>Whether there is anything to change.</summary>
    internal bool IsGiven => user.HasValue || group.HasValue;

    /// <summary>The uid, or <see cref="Unchanged"/>.</summary>
    internal uint User => user.HasValue ? user.GetValueOrDefault() : Unchanged;

    /// <summary>The gid, or <see cref="Unchanged"/>.</summary>
    internal uint Group => group.HasValue ? group.GetValueOrDefault() : Unchanged;

    /// <summary>Reads <c>UID:GID</c>, <c>UID:</c> or <c>:GID</c>. False for anything else, and for the number that no user and no group has.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> text, out FileOwner owner)
    {
        owner = default;
        int separator = text.IndexOf((byte)':');
        if (separator < 0
            || !TryParseId(text[..separator], out uint? user)
            || !TryParseId(text[(separator + 1)..], out uint? group))
        {
            return false;
        }
        owner = new FileOwner(user, group);
        return owner.IsGiven;
    }

    private static bool TryParseId(ReadOnlySpan<byte> text, out uint? id)
    {
        id = null;
        if (text.IsEmpty)
            return true;
        bool isNumber = Numbers.TryParse(text, out uint number);
        id = number;
        return isNumber && number != Unchanged;
    }
}
