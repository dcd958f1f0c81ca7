namespace LocalService.CommandLine;

/// <summary>The owner and the group for a file, the argument of <c>-o</c>; either may stay unchanged.</summary>
internal readonly struct FileOwner(uint? user, uint? group)
{
    /// <summary>The value that chown(2) takes for "unchanged".</summary>
    internal const uint Unchanged = uint.MaxValue;

    /// <summary>Whether there is anything to change.</summary>
    internal bool IsGiven => user.HasValue || group.HasValue;

    /// <summary>The uid, or <see cref="Unchanged"/>.</summary>
    internal uint User => user.HasValue ? user.GetValueOrDefault() : Unchanged;

    /// <summary>The gid, or <see cref="Unchanged"/>.</summary>
    internal uint Group => group.HasValue ? group.GetValueOrDefault() : Unchanged;
}
