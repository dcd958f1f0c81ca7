using System;
using System.Runtime.CompilerServices;
using LocalService.Errors;
using LocalService.Posix;

namespace LocalService.Dns.Configuration;

/// <summary>
/// Which servers are asked, and how. The default value has neither servers nor default settings: start with <see cref="Reset"/>. It is large: keep it
/// in place and pass it by reference. Specification "dns", section 2.1, with B7, B8, B28 and B30.
/// </summary>
internal struct ResolverConfiguration
{
    /// <summary>The most servers; further ones are ignored.</summary>
    internal const int MostServers = 16;

    /// <summary>The port of DNS.</summary>
    internal const ushort Port = 53;

    private const uint UsualTryMilliseconds = 1000;
    private const uint UsualAttempts = 4;

    private Servers servers;

    [InlineArray(MostServers)]
    private struct Servers
    {
        private SocketAddress element;
    }

    /// <summary>How many servers there are.</summary>
    internal int ServerCount { get; private set; }

    /// <summary>How long the first try of a question may take; each round of tries takes twice as long as the one before.</summary>
    internal uint TryMilliseconds { get; set; }

    /// <summary>How many rounds over the servers are made.</summary>
    internal uint Attempts { get; set; }

    /// <summary>
    /// A name with at least this many dots is tried as it is first, then in the domains of the search list; a name with fewer dots is tried as it is
    /// last.
    /// </summary>
    internal uint MinimumDots { get; set; }

    /// <summary>Whether each question begins with the next server.</summary>
    internal bool Rotates { get; set; }

    /// <summary>Whether servers are asked over TCP only.</summary>
    internal bool UsesTcp { get; set; }

    /// <summary>Whether servers are asked if they checked their answers.</summary>
    internal bool TrustsAuthenticData { get; set; }

    /// <summary>Whether a name without any dot is never tried as it is.</summary>
    internal bool NeverAsksTopLevel { get; set; }

    /// <summary>Whether a name is tried as it is last, however many dots it has, as with DNSQUALIFY.</summary>
    internal bool BareNameLast { get; set; }

    /// <summary>Where short names are looked for.</summary>
    internal SearchList Search;

    /// <summary>Sets the default values, without servers and search list.</summary>
    internal void Reset()
    {
        this = default;
        TryMilliseconds = UsualTryMilliseconds;
        Attempts = UsualAttempts;
        MinimumDots = 1;
    }

    /// <summary>A server, from 0 to <see cref="ServerCount"/> - 1.</summary>
    internal readonly SocketAddress ServerAt(int index) => At(ref Unsafe.AsRef(in servers), index);

    /// <summary>Adds a server. An IPv4-mapped address becomes the IPv4 address.</summary>
    internal void AddServer(SocketAddress server)
    {
        if (ServerCount < MostServers)
            At(ref servers, ServerCount++) = SocketAddress.Of(server.Address.Unmapped, server.Port);
    }

    /// <summary>Adds the servers of this machine, if there is no server yet.</summary>
    internal void AddUsualServers()
    {
        if (ServerCount > 0)
            return;
        AddServer(SocketAddress.Of(IpAddress.OfV4(0x7f000001), Port));
        AddServer(SocketAddress.Of(IpAddress.OfV6(0, 1), Port));
    }

    private static ref SocketAddress At(ref Servers servers, int index)
    {
        if ((uint)index >= MostServers)
            Abandon.InternalInconsistency();
        return ref Unsafe.Add(ref Unsafe.As<Servers, SocketAddress>(ref servers), index);
    }
}
