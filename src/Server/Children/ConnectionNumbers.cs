namespace LocalService.Server;

/// <summary>Where a connection is counted: the place of its client, and that of its group where groups are counted.</summary>
internal readonly struct ConnectionPlace(uint client, uint group)
{
    internal readonly uint Client = client;
    internal readonly uint Group = group;
}

/// <summary>How many connections there are when one begins, this one included: of its client, of its group where groups are counted, and of all.</summary>
internal struct ConnectionNumbers
{
    internal uint Client;
    internal uint Group;
    internal uint Total;
}
