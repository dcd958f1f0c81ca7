using System;
using LocalService.CommandLine;

namespace LocalService.Dns.Lookups;

/// <summary>Specification "dns", section 4.1.</summary>
internal readonly struct DnsQr : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-dnsqr"u8;
    public static int ManualSection => 1;
    public static ReadOnlySpan<byte> Summary => "ask the configured servers, and print the answer"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -1 --stdout  write what -D shows to standard output
        | -2 --stderr  write it to standard error, the default
        -D --debug=level  show packets: 1 received, 2 sent, 3 both; 0, the default: nothing
        -t --timeout=timeout  overall time limit in milliseconds; 0, the default: no limit
        type  the record type, a name or a number
        name  the name to ask about
        """u8;

    public static Outcome Run(Invocation invocation) => PacketLookup.Run(invocation, Program, Declaration, recursive: true);
}
