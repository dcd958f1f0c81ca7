namespace LocalService.Accounts;

/// <summary>The entry of a user in /etc/passwd.</summary>
/// <param name="id">The user id.</param>
/// <param name="group">The id of the primary group.</param>
internal readonly struct User(uint id, uint group)
{
    internal uint Id { get; } = id;

    internal uint Group { get; } = group;
}
