using System;
using LocalService.CommandLine;
using LocalService.Dns.Configuration;
using LocalService.Dns.Packets;
using LocalService.Errors;
using LocalService.Posix;

namespace LocalService.Dns.Lookups;

/// <summary>Specification "dns", section 4, with B30.</summary>
internal readonly struct DnsQualify : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-dnsqualify"u8;
    public static int ManualSection => 1;
    public static ReadOnlySpan<byte> Summary => "print the names that a short name may stand for"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        name  the short name
        """u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        var reader = new OptionReader(invocation.Words, Declaration);
        ReadOnlySpan<byte> text = reader.Operand();
        if (reader.IsWrong)
            return diagnostics.Usage(reader);
        var source = new ConfigurationSource(invocation.Environment);
        ResolverConfiguration configuration = default;
        Errno error = source.Read(needsSearch: true, ref configuration, diagnostics);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to initialize structures from /etc/resolv.conf"u8);
        DomainName name = default;
        error = name.Parse(text);
        if (error.Failed)
            return diagnostics.Fatal(
                error.Is(Libc.libc.EINVAL) ? ExitCode.Usage : ExitCode.System, "unable to qualify "u8, text, ": "u8, DnsError.Text(error));
        var lines = new LineList();
        var candidates = new Candidates(text, qualifies: true, configuration);
        while (candidates.Next(ref name))
        {
            lines.Text.Add(name);
            lines.EndLine();
        }
        error = lines.Write(randomly: false);
        return error.Failed ? diagnostics.Fatal(error, "unable to write to stdout"u8) : Outcome.Exit(ExitCode.Success);
    }
}
