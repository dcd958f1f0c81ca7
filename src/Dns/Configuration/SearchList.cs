using System;
using LocalService.Dns.Packets;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Dns.Configuration;

/// <summary>The domains that a short name is looked for in, in their order.</summary>
internal unsafe struct SearchList
{
    private const int Capacity = 1024;

    private int length;
    private fixed byte domains[Capacity]; // each ended by NUL

    internal readonly bool IsEmpty => length == 0;

    /// <summary>The domains, each ended by NUL. The span refers to this variable, and changes and ends with it.</summary>
    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    internal readonly ReadOnlySpan<byte> Text
    {
        get
        {
            fixed (byte* start = domains)
                return new ReadOnlySpan<byte>(start, length);
        }
    }

    internal void Clear() => length = 0;

    /// <summary>Adds a domain. False when it isn't a name, or doesn't fit.</summary>
    internal bool TryAdd(ReadOnlySpan<byte> domain)
    {
        DomainName name = default;
        if (domain.Length >= Capacity - length || domain.IndexOf((byte)0) >= 0 || name.Parse(domain).Failed)
            return false;
        fixed (byte* start = domains)
        {
            domain.CopyTo(new Span<byte>(start + length, domain.Length));
            start[length + domain.Length] = 0;
        }
        length += domain.Length + 1;
        return true;
    }
}
