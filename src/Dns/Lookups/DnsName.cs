using System;
using LocalService.CommandLine;
using LocalService.Dns.Hosts;
using LocalService.Dns.Packets;
using LocalService.Dns.Resolving;
using LocalService.Errors;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Dns.Lookups;

/// <summary>Specification "dns", section 4, with B17, B22, B28 and B29.</summary>
internal readonly struct DnsName : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-dnsname"u8;
    public static int ManualSection => 1;
    public static ReadOnlySpan<byte> Summary => "print the names of an address"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -4 --ipv4  accept only an IPv4 address
        -6 --ipv6  accept only an IPv6 address; with -4 both
        -h --hosts  look in /etc/hosts first
        | -H --no-hosts  ask DNS only, the default
        -r --random  print the records in a random order
        -t --timeout=timeout  overall time limit in milliseconds; 0, the default: no limit
        ip  the address to look up
        """u8;

    public static unsafe Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        var reader = new OptionReader(invocation.Words, Declaration);
        LookupOptions options = LookupOptions.Read(ref reader);
        bool isAddress = IpAddressText.TryParse(options.Operand, out IpAddress address);
        if (!isAddress || (options.V4 != options.V6 && options.V4 != address.IsV4))
            reader.RejectOperand(options.Operand, "address"u8);
        if (reader.IsWrong)
            return diagnostics.Usage(reader);
        var lines = new LineList();
        Errno error = options.UsesHosts ? FindInHosts(address.Unmapped, ref lines, diagnostics) : default;
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to look up "u8, options.Operand, " in /etc/hosts"u8);
        if (lines.Count > 0)
            return RecordLookup.End(diagnostics, options, options.Operand, LookupResult.Found, default, ref lines);
        NameResolution resolution = default;
        error = resolution.Open(invocation.Environment, needsSearch: false, options.Milliseconds, null, diagnostics);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to initialize structures from /etc/resolv.conf"u8);
        DomainName name = default;
        ReverseName.Of(address, ref name);
        Resolution answer = default;
        resolution.Find(name.Wire, RecordType.PTR, QueryFlags.RecursionDesired, ref answer);
        LookupResult result = AddNames(answer, ref lines, out error);
        return RecordLookup.End(diagnostics, options, options.Operand, result, error, ref lines);
    }

    private static LookupResult AddNames(in Resolution resolution, ref LineList lines, out Errno error)
    {
        error = resolution.Error;
        if (error.Failed)
            return LookupResult.Failed;
        error = Answer.Open(resolution.Packet.Content, RecordType.PTR, out Answer answer);
        if (error.Failed)
            return LookupResult.Failed;
        DomainName name = default;
        while (answer.Next(out Record record))
        {
            _ = record.ReadName(0, ref name);
            AddName(name, ref lines);
        }
        return lines.Count > 0 ? LookupResult.Found : LookupResult.NoData;
    }

    private static Errno FindInHosts(IpAddress address, ref LineList lines, Diagnostics diagnostics)
    {
        HostsFile hosts = default;
        ByteBuffer found = default;
        Errno error = hosts.Open(diagnostics) && hosts.FindNames(address, ref found, diagnostics);
        ReadOnlySpan<byte> rest = found.Content;
        DomainName name = default;
        while (!error.Failed && !rest.IsEmpty)
        {
            ReadOnlySpan<byte> word = Bytes.UntilNul(rest);
            rest = rest[(word.Length + 1)..];
            if (!name.Parse(word).Failed)
                AddName(name, ref lines);
        }
        found.Free();
        return error;
    }

    /// <summary>Adds a name in lower case, so that it can be compared.</summary>
    private static void AddName(DomainName name, ref LineList lines)
    {
        name.MakeSmall();
        lines.Text.Add(name);
        lines.EndLine();
    }
}
