using System;
using LocalService.Dns.Configuration;
using LocalService.Dns.Lookups;
using LocalService.Errors;
using LocalService.Posix;

namespace LocalService.Dns.Resolving;

/// <summary>How a <see cref="Resolver"/> works.</summary>
internal unsafe struct ResolverSettings
{
    /// <summary>The most questions that may be pending.</summary>
    internal int Capacity;

    /// <summary>The most that are under way at a time, each with its own socket; the others wait. 0: as many as possible.</summary>
    internal int MostUnderWay;

    /// <summary>Whether short names will be looked for in the search list: <see cref="ConfigurationSource.Read"/>.</summary>
    internal bool NeedsSearch;

    /// <summary>Servers to ask instead of the configured ones; null: the configured ones.</summary>
    internal ResolverConfiguration* Servers;

    /// <summary>Shows the packets; null: nothing does.</summary>
    internal PacketTrace* Trace;
}

/// <summary>The end of a question. The packet is valid until the next call of <see cref="Resolver.Next"/>.</summary>
internal readonly ref struct Completion
{
    internal Completion(ulong token, Errno error, ReadOnlySpan<byte> packet)
    {
        Token = token;
        Error = error;
        Packet = packet;
    }

    /// <summary>What the caller knows the question by.</summary>
    internal ulong Token { get; }

    /// <summary>Why there is no answer: <see cref="DnsError"/>, or an error of the system.</summary>
    internal Errno Error { get; }

    /// <summary>The answer as it came, with code 0 or 3 (no such domain); empty after an error. Its content isn't checked.</summary>
    internal ReadOnlySpan<byte> Packet { get; }
}
