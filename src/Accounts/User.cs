namespace LocalService.Accounts;

/// <summary>What /etc/passwd says of a user.</summary>
/// <param name="id">The user id.</param>
/// <param name="group">The id of the primary group.</param>
internal readonly struct User(uint id, uint group)
{
    internal uint Id { get; } = id;

    internal uint Group { get; } = group;
}
