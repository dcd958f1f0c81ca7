using System;
using LocalService.CommandLine;
using LocalService.Dns.Packets;

namespace LocalService.Dns.Lookups;

/// <summary>Specification "dns", section 4.</summary>
internal readonly struct DnsMx : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-dnsmx"u8;
    public static int ManualSection => 1;
    public static ReadOnlySpan<byte> Summary => "print the mail servers of a domain"u8;
    public static ReadOnlySpan<byte> Declaration => RecordLookup.Declaration;

    public static Outcome Run(Invocation invocation) => RecordLookup.Run(invocation, Program, RecordType.MX);
}
