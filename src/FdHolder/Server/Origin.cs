using LocalService.Posix;

namespace LocalService.FdHolder;

/// <summary>Who has stored a descriptor, and when.</summary>
/// <param name="userId">The user.</param>
/// <param name="groupId">The group.</param>
/// <param name="since">When, in seconds of the clock that no one can set.</param>
internal readonly struct Origin(uint userId, uint groupId, uint since)
{
    internal uint UserId { get; } = userId;
    internal uint GroupId { get; } = groupId;

    /// <summary>How long ago it was, in seconds.</summary>
    internal uint Age => Now - since;

    /// <summary>A client that stores something now.</summary>
    internal static Origin Of(PeerCredentials client) => new(client.UserId, client.GroupId, Now);

    private static uint Now => (uint)(Clock.Milliseconds / 1000);
}
