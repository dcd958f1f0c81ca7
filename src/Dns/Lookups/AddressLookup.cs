using System;
using LocalService.CommandLine;
using LocalService.Dns.Configuration;
using LocalService.Dns.Hosts;
using LocalService.Dns.Packets;
using LocalService.Dns.Resolving;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Dns.Lookups;

/// <summary>The common part of the lookups of addresses. Specification "dns", sections 4 and 4.2, with B23.</summary>
internal static unsafe class AddressLookup
{
    /// <summary>The declaration of the command line of a lookup of addresses.</summary>
    internal static ReadOnlySpan<byte> Declaration =>
        """
        -q --qualify  apply the search list to a short name
        -h --hosts  look in /etc/hosts first
        | -H --no-hosts  ask DNS only, the default
        -r --random  print the records in a random order
        -t --timeout=timeout  overall time limit in milliseconds; 0, the default: no limit
        domain  the name to look up
        """u8;

    /// <summary>Runs a lookup.</summary>
    /// <param name="invocation">What it is started with.</param>
    /// <param name="program">Its name.</param>
    /// <param name="v4">Whether IPv4 addresses are asked for.</param>
    /// <param name="v6">Whether IPv6 addresses are asked for.</param>
    internal static Outcome Run(Invocation invocation, ReadOnlySpan<byte> program, bool v4, bool v6)
    {
        var diagnostics = new Diagnostics(program);
        var reader = new OptionReader(invocation.Words, Declaration);
        LookupOptions options = LookupOptions.Read(ref reader);
        if (reader.IsWrong)
            return diagnostics.Usage(reader);
        ReadOnlySpan<byte> text = options.Operand;
        DomainName name = default;
        Errno error = name.Parse(text);
        if (error.Failed)
            return RecordLookup.Fail(diagnostics, text, error);
        NameResolution resolution = default;
        error = resolution.Open(invocation.Environment, options.Qualifies, options.Milliseconds, null, diagnostics);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to initialize structures from /etc/resolv.conf"u8);
        var lines = new LineList();
        if (options.UsesHosts)
            error = FindInHosts(text, options.Qualifies, resolution.Configuration, v4, v6, ref lines, diagnostics);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to look up "u8, text, " in /etc/hosts"u8);
        LookupResult result = lines.Count > 0 ? LookupResult.Found : v4 && v6
            ? FindBoth(ref resolution, text, options.Qualifies, ref lines, out error)
            : RecordLookup.Find(ref resolution, text, options.Qualifies, v4 ? RecordType.A : RecordType.AAAA, ref lines, out error);
        return RecordLookup.End(diagnostics, options, text, result, error, ref lines);
    }

    /// <summary>Looks for the name as it is, then with the search list for its candidates. IPv4 addresses come first.</summary>
    private static Errno FindInHosts(
        ReadOnlySpan<byte> text, bool qualifies, in ResolverConfiguration configuration, bool v4, bool v6, ref LineList lines, Diagnostics diagnostics)
    {
        HostsFile hosts = default;
        Errno error = hosts.Open(diagnostics);
        DomainName name = default;
        _ = name.Parse(text);
        error = error && FindInHosts(ref hosts, name, v4, v6, ref lines, diagnostics);
        var candidates = new Candidates(text, qualifies, configuration);
        while (!error.Failed && lines.Count == 0 && candidates.Next(ref name))
            error = FindInHosts(ref hosts, name, v4, v6, ref lines, diagnostics);
        return error;
    }

    private static Errno FindInHosts(
        ref HostsFile hosts, in DomainName name, bool v4, bool v6, ref LineList lines, Diagnostics diagnostics)
    {
        ByteBuffer found = default;
        Errno error = v4 ? hosts.FindAddresses(name, v4: true, ref found, diagnostics) : default;
        AddAddresses(found.Content, IpAddress.V4Size, ref lines);
        found.Clear();
        if (!error.Failed && v6)
            error = hosts.FindAddresses(name, v4: false, ref found, diagnostics);
        AddAddresses(found.Content, IpAddress.V6Size, ref lines);
        found.Free();
        return error;
    }

    private static void AddAddresses(ReadOnlySpan<byte> bytes, int size, ref LineList lines)
    {
        for (; bytes.Length >= size; bytes = bytes[size..])
        {
            _ = IpAddress.TryRead(bytes[..size], out IpAddress address);
            lines.Text.Add(address);
            lines.EndLine();
        }
    }

    /// <summary>Asks for both kinds at the same time. IPv6 addresses come first.</summary>
    private static LookupResult FindBoth(
        ref NameResolution resolution, ReadOnlySpan<byte> text, bool qualifies, ref LineList lines, out Errno error)
    {
        error = DnsError.NoSuchDomain;
        Resolution v6 = default;
        Resolution v4 = default;
        DomainName name = default;
        bool anyExists = false;
        var candidates = new Candidates(text, qualifies, resolution.Configuration);
        while (candidates.Next(ref name))
        {
            resolution.Find(name.Wire, RecordType.AAAA, RecordType.A, QueryFlags.RecursionDesired, ref v6, ref v4);
            LookupResult first = RecordLookup.Add(v6, RecordType.AAAA, ref lines, out error);
            LookupResult second = RecordLookup.Add(v4, RecordType.A, ref lines, out Errno otherError);
            if (first == LookupResult.Found || second == LookupResult.Found)
                return LookupResult.Found;
            bool exists = first == LookupResult.NoData || second == LookupResult.NoData;
            anyExists |= exists;
            if (IsTrouble(first, error))
                return LookupResult.Failed;
            if (IsTrouble(second, otherError))
            {
                error = exists ? otherError : error;
                return LookupResult.Failed;
            }
        }
        return anyExists ? LookupResult.NoData : LookupResult.Failed;
    }

    /// <summary>Whether the lookup failed without showing what records exist.</summary>
    private static bool IsTrouble(LookupResult result, Errno error) =>
        result == LookupResult.Failed && !error.Is(DnsError.NoSuchDomain.Number);
}
