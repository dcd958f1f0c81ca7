using System;
using LocalService.CommandLine;
using LocalService.Dns.Packets;

namespace LocalService.Dns.Lookups;

/// <summary>Specification "dns", section 4.</summary>
internal readonly struct DnsTxt : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-dnstxt"u8;
    public static int ManualSection => 1;
    public static ReadOnlySpan<byte> Summary => "print the TXT records of a name"u8;
    public static ReadOnlySpan<byte> Declaration => RecordLookup.Declaration;

    public static Outcome Run(Invocation invocation) => RecordLookup.Run(invocation, Program, RecordType.TXT);
}
