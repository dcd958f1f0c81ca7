using LocalService.Tcp.Ident;

namespace LocalService.Tcp.Access;

/// <summary>What was found out about a client besides its address. It is large: pass it by reference.</summary>
internal struct TcpClientFacts
{
    /// <summary>The names of both ends.</summary>
    internal HostNames Names;

    /// <summary>What IDENT says of the client.</summary>
    internal IdentAnswer Ident;
}
