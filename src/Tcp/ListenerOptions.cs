namespace LocalService.Tcp;

/// <summary>How to make a socket that a server listens on. Options that aren't set keep the kernel's defaults.</summary>
internal struct ListenerOptions
{
    /// <summary>SOCK_STREAM or SOCK_DGRAM.</summary>
    internal int Type;

    /// <summary>Whether the socket waits when there is no client.</summary>
    internal bool Blocks;

    /// <summary>SO_REUSEADDR, socket(7).</summary>
    internal bool ReusesAddress;

    /// <summary>SO_REUSEPORT, socket(7).</summary>
    internal bool ReusesPort;

    /// <summary>IP_FREEBIND, ip(7).</summary>
    internal bool BindsFreely;

    /// <summary>SO_KEEPALIVE, socket(7); connections inherit it.</summary>
    internal bool KeepsAlive;

    /// <summary>Whether an IPv6 socket serves IPv4 clients too: IPV6_V6ONLY off, ipv6(7).</summary>
    internal bool BothVersions;

    /// <summary>TCP_DEFER_ACCEPT, tcp(7), in seconds; 0 for none.</summary>
    internal uint DeferSeconds;

    /// <summary>TCP_FASTOPEN, tcp(7): clients at a time; 0 for none.</summary>
    internal uint FastOpenQueue;

    /// <summary>How many clients may wait to be accepted; 0: the socket doesn't listen.</summary>
    internal uint Backlog;
}
