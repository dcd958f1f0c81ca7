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
        -1 --stdout  what -D shows goes to standard output
        | -2 --stderr  to standard error, the default
        -D --debug=level  show packets on their way: 1 what is received, 2 what is sent, 3 both; 0, the default: nothing
        -t --timeout=timeout  how many milliseconds everything may take; 0, the default: no limit
        type  the type of record: its name or number
        name  the name that is asked about
        """u8;

    public static Outcome Run(Invocation invocation) => PacketLookup.Run(invocation, Program, Declaration, recursive: true);
}
