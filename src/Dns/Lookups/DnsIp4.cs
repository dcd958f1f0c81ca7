using System;
using LocalService.CommandLine;

namespace LocalService.Dns.Lookups;

/// <summary>Specification "dns", section 4.</summary>
internal readonly struct DnsIp4 : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-dnsip4"u8;
    public static int ManualSection => 1;
    public static ReadOnlySpan<byte> Summary => "print the IPv4 addresses of a name"u8;
    public static ReadOnlySpan<byte> Declaration => AddressLookup.Declaration;

    public static Outcome Run(Invocation invocation) => AddressLookup.Run(invocation, Program, v4: true, v6: false);
}
