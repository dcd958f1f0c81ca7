using System;
using LocalService.CommandLine;
using LocalService.Dns;
using LocalService.Dns.Hosts;
using LocalService.Dns.Packets;
using LocalService.Dns.Resolving;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Tcp;

/// <summary>The names of the two ends of a connection, from /etc/hosts or DNS. Specification "tcp", section 4.2.</summary>
internal unsafe struct HostNames
{
    private NameResolution resolution;
    private HostsFile hosts;
    private bool usesHosts;

    /// <summary>The name of the remote end.</summary>
    internal HostName Remote;

    /// <summary>The name of this end.</summary>
    internal HostName Local;

    /// <summary>Why the remote end has no name: see <see cref="DnsError"/>; EINVAL when its name isn't acceptable.</summary>
    internal Errno RemoteError { get; private set; }

    /// <summary>Whether the name of the remote end was found in /etc/hosts, which is trusted.</summary>
    internal bool RemoteIsTrusted { get; private set; }

    /// <summary>Reads the configuration. After an error nothing can be found.</summary>
    /// <param name="environment">Where the configuration comes from. It must stay valid.</param>
    /// <param name="fromHosts">Whether /etc/hosts is looked into first.</param>
    /// <param name="milliseconds">How long everything may take from now on; 0: no limit but that of each question.</param>
    /// <param name="diagnostics">For warnings about the configuration.</param>
    internal Errno Open(EnvironmentBlock environment, bool fromHosts, uint milliseconds, Diagnostics diagnostics)
    {
        usesHosts = fromHosts;
        Errno error = fromHosts ? hosts.Open(diagnostics) : default;
        return error && resolution.Open(environment, needsSearch: false, milliseconds, null, diagnostics);
    }

    /// <summary>Releases everything; the names stay.</summary>
    internal readonly void Close() => resolution.Close();

    /// <summary>Finds the names of both ends, those that are asked for, at the same time.</summary>
    internal void Find(IpAddress remote, bool wantsRemote, IpAddress local, bool wantsLocal, Diagnostics diagnostics)
    {
        bool asksRemote = wantsRemote && !(usesHosts && FindInHosts(remote, ref Remote, diagnostics));
        bool asksLocal = wantsLocal && !(usesHosts && FindInHosts(local, ref Local, diagnostics));
        RemoteIsTrusted = wantsRemote && !asksRemote;
        DomainName remoteQuestion = default;
        DomainName localQuestion = default;
        Resolution remoteAnswer = default;
        Resolution localAnswer = default;
        ReverseName.Of(remote, ref remoteQuestion);
        ReverseName.Of(local, ref localQuestion);
        if (asksRemote && asksLocal)
            resolution.Find(remoteQuestion.Wire, RecordType.PTR, localQuestion.Wire, RecordType.PTR, QueryFlags.RecursionDesired, ref remoteAnswer, ref localAnswer);
        else if (asksRemote)
            resolution.Find(remoteQuestion.Wire, RecordType.PTR, QueryFlags.RecursionDesired, ref remoteAnswer);
        else if (asksLocal)
            resolution.Find(localQuestion.Wire, RecordType.PTR, QueryFlags.RecursionDesired, ref localAnswer);
        if (asksRemote)
            RemoteError = Take(remoteAnswer, ref Remote);
        if (asksLocal)
            _ = Take(localAnswer, ref Local);
    }

    /// <summary>Whether the name of the remote end leads back to its address, so that both have the same owner.</summary>
    /// <returns>ENOENT when it doesn't, or why that can't be found out.</returns>
    internal readonly Errno Verify(IpAddress remote)
    {
        DomainName name = default;
        Errno error = name.Parse(Remote.Text);
        if (error.Failed)
            return error;
        Resolution resolved = default;
        ushort type = remote.IsV4 ? RecordType.A : RecordType.AAAA;
        resolution.Find(name.Wire, type, QueryFlags.RecursionDesired, ref resolved);
        error = resolved.Error;
        Answer answer = default;
        error = error && Answer.Open(resolved.Packet.Content, type, out answer);
        bool isSame = false;
        while (!error.Failed && !isSame && answer.Next(out Record record))
            isSame = record.TryGetAddress(out IpAddress address) && address.Equals(remote.WithScope(0));
        resolved.Packet.Free();
        return error.Failed || isSame ? error : DnsError.NoSuchDomain;
    }

    /// <summary>Takes the first name of an answer.</summary>
    private static Errno Take(Resolution resolved, ref HostName name)
    {
        Errno error = resolved.Error;
        if (error.Failed)
            return error;
        error = Answer.Open(resolved.Packet.Content, RecordType.PTR, out Answer answer);
        if (!error.Failed)
            error = answer.Next(out Record record) ? Take(record, ref name) : DnsError.NoSuchDomain;
        resolved.Packet.Free();
        return error;
    }

    private static Errno Take(Record record, ref HostName name)
    {
        DomainName found = default;
        _ = record.ReadName(0, ref found);
        return name.TrySet(found) ? default : new Errno(libc.EINVAL);
    }

    private bool FindInHosts(IpAddress address, ref HostName name, Diagnostics diagnostics)
    {
        ByteBuffer found = default;
        Errno error = hosts.FindNames(address.WithScope(0), ref found, diagnostics);
        DomainName first = default;
        bool isFound = !error.Failed && found.Length > 0 && !first.Parse(Bytes.UntilNul(found.Content)).Failed && name.TrySet(first);
        found.Free();
        return isFound;
    }
}
