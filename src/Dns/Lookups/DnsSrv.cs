using System;
using LocalService.CommandLine;
using LocalService.Dns.Packets;
using LocalService.Memory;

namespace LocalService.Dns.Lookups;

/// <summary>Specification "dns", section 4.</summary>
internal readonly struct DnsSrv : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-dnssrv"u8;
    public static int ManualSection => 1;
    public static ReadOnlySpan<byte> Summary => "print the hosts and ports of a service of a domain"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -q --qualify  apply the search list to a short name
        -r --random  print the records in a random order
        -t --timeout=timeout  overall time limit in milliseconds; 0, the default: no limit
        service  the service, such as ldap
        protocol  its protocol, such as tcp
        name  the domain
        """u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        var reader = new OptionReader(invocation.Words, Declaration);
        LookupOptions options = LookupOptions.Read(ref reader);
        ReadOnlySpan<byte> protocol = reader.Operand();
        ReadOnlySpan<byte> name = reader.Operand();
        if (reader.IsWrong)
            return diagnostics.Usage(reader);
        CString service = Arena.CString("_"u8, options.Operand, "._"u8);
        CString domain = Arena.CString(protocol, "."u8, name);
        return RecordLookup.Run(invocation, diagnostics, options, Bytes.OfC(Arena.CString(Bytes.OfC(service), Bytes.OfC(domain))), RecordType.SRV);
    }
}
