using System;
using LocalService.CommandLine;
using LocalService.Dns.Configuration;
using LocalService.Dns.Packets;
using LocalService.Dns.Resolving;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Dns.Lookups;

/// <summary>The common part of the two lookups that print a whole packet. Specification "dns", section 4.1.</summary>
internal static unsafe class PacketLookup
{
    /// <summary>Runs a lookup.</summary>
    /// <param name="invocation">What it is started with.</param>
    /// <param name="program">Its name.</param>
    /// <param name="declaration">The declaration of its command line.</param>
    /// <param name="recursive">
    /// Whether to ask the configured servers to find the answer; otherwise asks the servers of the command line for what they know.
    /// </param>
    internal static Outcome Run(Invocation invocation, ReadOnlySpan<byte> program, ReadOnlySpan<byte> declaration, bool recursive)
    {
        var diagnostics = new Diagnostics(program);
        var reader = new OptionReader(invocation.Words, declaration);
        uint milliseconds = 0;
        var trace = (PacketTrace*)Arena.Allocate((nuint)sizeof(PacketTrace));
        trace->Descriptor = libc.STDERR_FILENO;
        trace->IsRecursive = recursive;
        while (reader.Next(out char option))
        {
            switch (option)
            {
                case 't': milliseconds = reader.Number(); break;
                case 'D': trace->Level = reader.Number(); break;
                case '1': trace->Descriptor = libc.STDOUT_FILENO; break;
                case '2': trace->Descriptor = libc.STDERR_FILENO; break;
            }
        }
        ReadOnlySpan<byte> typeText = reader.Operand();
        ReadOnlySpan<byte> text = reader.Operand();
        Words serverWords = recursive ? default : reader.Program();
        if (!RecordType.TryParse(typeText, out ushort type))
            reader.RejectOperand(typeText, "type"u8);
        if (reader.IsWrong)
            return diagnostics.Usage(reader);
        DomainName name = default;
        Errno error = name.Parse(text);
        if (error.Failed)
            return diagnostics.Fatal(ExitCode.Usage, "unable to encode "u8, text, ": "u8, DnsError.Text(error));
        var servers = (ResolverConfiguration*)Arena.Allocate((nuint)sizeof(ResolverConfiguration));
        servers->Reset();
        for (int i = 0; i < serverWords.Count; i++)
        {
            if (!TryAddServers(serverWords[i], ref *servers))
                return diagnostics.Fatal(
                    ExitCode.Usage, "unable to make an IP address list out of "u8, serverWords[i], ": "u8, new Errno(libc.EINVAL).Text);
        }
        if (!recursive && servers->ServerCount == 0)
            return diagnostics.Fatal(ExitCode.Usage, "no server to ask"u8);
        NameResolution resolution = default;
        error = resolution.Open(invocation.Environment, needsSearch: false, milliseconds, recursive ? null : servers, diagnostics, trace->Level == 0 ? null : trace);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to initialize structures from /etc/resolv.conf"u8);
        Resolution answer = default;
        resolution.Find(name.Wire, type, recursive ? QueryFlags.RecursionDesired : QueryFlags.None, ref answer);
        if (trace->Error.Failed && trace->Descriptor == libc.STDOUT_FILENO)
            return diagnostics.Fatal(trace->Error, "unable to write to stdout"u8);
        return answer.Error.Failed ? Fail(diagnostics, text, type, answer.Error) : Print(diagnostics, answer, recursive);
    }

    /// <summary>Adds the addresses of a word, which may be several.</summary>
    private static bool TryAddServers(ReadOnlySpan<byte> word, ref ResolverConfiguration servers)
    {
        var addresses = new TextWords(word, ",; \t\r\n"u8);
        while (addresses.Next(out ReadOnlySpan<byte> address))
        {
            if (!SocketAddress.TryParse(address, ResolverConfiguration.Port, out SocketAddress server))
                return false;
            servers.AddServer(server);
        }
        return true;
    }

    private static Outcome Fail(Diagnostics diagnostics, ReadOnlySpan<byte> name, ushort type, Errno error)
    {
        CString number = Arena.CString(" of qtype "u8, Numbers.Decimal(type, stackalloc byte[Numbers.LongestText]), ": "u8);
        int exitCode = error.Is(libc.ETIMEDOUT) ? RecordLookup.TimedOut : RecordLookup.NoAnswer;
        return diagnostics.Fatal(exitCode, "unable to resolve query "u8, name, Bytes.OfC(number), DnsError.Text(error));
    }

    private static Outcome Print(Diagnostics diagnostics, in Resolution answer, bool recursive)
    {
        var lines = new LineList();
        Errno malformed = PacketText.Add(ref lines.Text, answer.Packet.Content, recursive);
        Errno error = lines.Write(randomly: false);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to write to stdout"u8);
        return malformed.Failed ? diagnostics.Fatal(malformed, "unable to analyze response"u8) : Outcome.Exit(ExitCode.Success);
    }
}
