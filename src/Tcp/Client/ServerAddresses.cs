using System;
using LocalService.CommandLine;
using LocalService.Dns;
using LocalService.Dns.Configuration;
using LocalService.Dns.Hosts;
using LocalService.Dns.Packets;
using LocalService.Dns.Resolving;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Tcp.Client;

/// <summary>
/// The addresses of a server in the order in which they are tried: those of both versions take turns, IPv6 first (RFC 8305, section 4). Lists keep
/// their order. Specification "tcp", section 5, with B3, B8 and B18.
/// </summary>
internal unsafe struct ServerAddresses(bool v4, bool v6)
{
    /// <summary>The most addresses; further ones are left out.</summary>
    internal const int Most = 16;

    private readonly IpAddress* list = (IpAddress*)Arena.Allocate((nuint)(Most * sizeof(IpAddress)));

    /// <summary>How many there are.</summary>
    internal int Count { get; private set; }

    internal readonly IpAddress At(int index) => list[index];

    /// <summary>
    /// Takes a list of addresses separated by commas, semicolons or blanks, or also by colons if only IPv4 is wanted. An empty text, or 0, stands for
    /// the addresses of this machine. Skips addresses of a version that isn't wanted.
    /// </summary>
    /// <returns>False when a word isn't an address: then the text may be a name.</returns>
    internal bool TryTakeList(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || text.SequenceEqual("0"u8))
        {
            Add(IpAddress.OfV6(0, 1));
            Add(IpAddress.OfV4(0x7f000001));
            return true;
        }
        ReadOnlySpan<byte> separators = v6 ? ",; "u8 : ",; :"u8;
        while (!text.IsEmpty)
        {
            int length = 0;
            while (length < text.Length && separators.IndexOf(text[length]) < 0)
                length++;
            if (length > 0 && !TryAdd(text[..length]))
            {
                Count = 0;
                return false;
            }
            text = text[(length < text.Length ? length + 1 : length)..];
        }
        return true;
    }

    /// <summary>Finds the addresses of a name, in /etc/hosts if that is wanted, or in DNS.</summary>
    /// <returns>Why there are none: <see cref="DnsError"/>. A name that exists without addresses gives neither an error nor an address.</returns>
    internal Errno Resolve(ReadOnlySpan<byte> name, in TcpClientOptions options, ref NameResolution resolution, Diagnostics diagnostics)
    {
        DomainName parsed = default;
        Errno error = parsed.Parse(name);
        if (!error.Failed && options.UsesHosts)
            error = FindInHosts(name, options.Qualifies, resolution.Configuration, diagnostics);
        if (error.Failed || Count > 0)
            return error;
        error = DnsError.NoSuchDomain;
        bool exists = false;
        var candidates = new Candidates(name, options.Qualifies, resolution.Configuration);
        while (Count == 0 && candidates.Next(ref parsed))
        {
            error = Ask(parsed, ref resolution);
            exists |= !error.Failed;
            if (error.Failed && !error.Is(DnsError.NoSuchDomain.Number))
                return error;
        }
        return exists ? default : error;
    }

    /// <summary>Asks for both kinds of addresses at the same time. If one kind is found, an error of the other doesn't count.</summary>
    private Errno Ask(in DomainName name, ref NameResolution resolution)
    {
        Resolution six = default;
        Resolution four = default;
        if (v4 && v6)
            resolution.Find(name.Wire, RecordType.AAAA, RecordType.A, QueryFlags.RecursionDesired, ref six, ref four);
        else if (v6)
            resolution.Find(name.Wire, RecordType.AAAA, QueryFlags.RecursionDesired, ref six);
        else
            resolution.Find(name.Wire, RecordType.A, QueryFlags.RecursionDesired, ref four);
        Answer sixes = default;
        Answer fours = default;
        Errno error = v6 ? Open(six, RecordType.AAAA, out sixes) : default;
        Errno otherError = v4 ? Open(four, RecordType.A, out fours) : default;
        bool moreSixes = v6 && !error.Failed;
        bool moreFours = v4 && !otherError.Failed;
        while (moreSixes || moreFours)
        {
            moreSixes = moreSixes && AddNext(ref sixes);
            moreFours = moreFours && AddNext(ref fours);
        }
        six.Packet.Free();
        four.Packet.Free();
        if (Count > 0)
            return default;
        return error.Failed && !error.Is(DnsError.NoSuchDomain.Number) ? error : otherError.Failed ? otherError : error;
    }

    private static Errno Open(Resolution resolution, ushort type, out Answer answer)
    {
        answer = default;
        return resolution.Error.Failed ? resolution.Error : Answer.Open(resolution.Packet.Content, type, out answer);
    }

    private bool AddNext(ref Answer answer)
    {
        bool found = answer.Next(out Record record);
        if (found && record.TryGetAddress(out IpAddress address))
            Add(address);
        return found;
    }

    private Errno FindInHosts(ReadOnlySpan<byte> text, bool qualifies, in ResolverConfiguration configuration, Diagnostics diagnostics)
    {
        HostsFile hosts = default;
        Errno error = hosts.Open(diagnostics);
        DomainName name = default;
        _ = name.Parse(text);
        error = error && FindInHosts(ref hosts, name, diagnostics);
        var candidates = new Candidates(text, qualifies, configuration);
        while (!error.Failed && Count == 0 && candidates.Next(ref name))
            error = FindInHosts(ref hosts, name, diagnostics);
        return error;
    }

    private Errno FindInHosts(ref HostsFile hosts, in DomainName name, Diagnostics diagnostics)
    {
        ByteBuffer sixes = default;
        ByteBuffer fours = default;
        Errno error = hosts.FindAddresses(name, v4: false, ref sixes, diagnostics)
            && hosts.FindAddresses(name, v4: true, ref fours, diagnostics);
        ReadOnlySpan<byte> moreSixes = sixes.Content;
        ReadOnlySpan<byte> moreFours = fours.Content;
        while (!error.Failed && (!moreSixes.IsEmpty || !moreFours.IsEmpty))
        {
            AddNext(ref moreSixes, IpAddress.V6Size);
            AddNext(ref moreFours, IpAddress.V4Size);
        }
        sixes.Free();
        fours.Free();
        return error;
    }

    private void AddNext(ref ReadOnlySpan<byte> bytes, int size)
    {
        if (bytes.IsEmpty)
            return;
        _ = IpAddress.TryRead(bytes[..size], out IpAddress address);
        Add(address);
        bytes = bytes[size..];
    }

    private bool TryAdd(ReadOnlySpan<byte> text)
    {
        bool isAddress = IpAddressText.TryParseScoped(text, out IpAddress address);
        if (isAddress)
            Add(address);
        return isAddress;
    }

    private void Add(IpAddress address)
    {
        address = address.Unmapped;
        if (Count < Most && (address.IsV4 ? v4 : v6))
            list[Count++] = address;
    }
}
