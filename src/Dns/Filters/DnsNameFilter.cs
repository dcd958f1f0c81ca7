using System;
using LocalService.CommandLine;
using LocalService.Dns.Packets;

namespace LocalService.Dns.Filters;

/// <summary>Specification "dns", section 3.</summary>
internal readonly struct DnsNameFilter : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-dnsname-filter"u8;
    public static int ManualSection => 1;
    public static ReadOnlySpan<byte> Summary => "look up the name of the address that begins each line"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -4 --ipv4  look up IPv4 addresses, the default
        -6 --ipv6  look up IPv6 addresses; with -4 both
        -l --lines=lines  maximum number of pending lines; the default is 256
        -c --concurrency=concurrency  maximum number of lookups at a time; the default is 128
        -t --timeout=timeout  time limit in milliseconds for each lookup; 0, the default: no limit
        -f --format=format  output format: %s the word, %d the first result, %n all results, %w the byte after the word, %r the rest
        -e --error-format=errorformat  output format for a word that isn't found: %e is the reason
        -h --hosts  look in /etc/hosts first
        | -H --no-hosts  ask DNS only, the default
        -S --socket=socket  ask DNS through the skadnsd behind this socket
        """u8;

    public static Outcome Run(Invocation invocation) => Filter.Run(invocation, Program, Declaration, RecordType.PTR);
}
