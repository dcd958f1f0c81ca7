using System;
using LocalService.CommandLine;
using LocalService.Dns.Configuration;
using LocalService.Dns.Resolving;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;
using LocalService.Services;

namespace LocalService.Dns.Session;

/// <summary>Asks DNS for one client. Specification "dns", section 1, with B11 and B31.</summary>
internal readonly unsafe struct Skadnsd : IRole
{
    private const uint HelloMilliseconds = 2000;

    public static ReadOnlySpan<byte> Program => "s6-skadnsd"u8;
    public static int ManualSection => 8;
    public static ReadOnlySpan<byte> Summary => "ask DNS for a client on standard input"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -c --concurrency=queries  maximum number of queries at a time, others wait; by default as many as the descriptors allow
        -s --server=address  ask this server, ADDRESS or ADDRESS:PORT, instead of those in /etc/resolv.conf; may be repeated
        """u8;

    /// <summary>The protocol that it speaks, ended by NUL.</summary>
    internal static ReadOnlySpan<byte> Protocol => "skadns v1.0\0"u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        var reader = new OptionReader(invocation.Words, Declaration);
        var settings = new ResolverSettings { Capacity = QueryService.MostQueries };
        ReadOptions(ref reader, ref settings);
        if (reader.IsWrong)
            return diagnostics.Usage(reader);
        Errno error = DescriptorLimit.Raise();
        if (error.Failed)
            diagnostics.Warning(error, "unable to raise the limit on open descriptors"u8);
        var resolver = (Resolver*)Arena.Allocate((nuint)sizeof(Resolver));
        error = resolver->Open(settings, invocation.Environment, diagnostics);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to initialize structures from /etc/resolv.conf"u8);
        var queries = (int*)MappedMemory.Map(QueryService.MostQueries * sizeof(int));
        if (queries == null)
            return diagnostics.Fatal(new Errno(libc.ENOMEM), "unable to prepare for queries"u8);
        return SessionDaemon<QueryService>.Run(
            new QueryService(resolver, queries), new Greeting(Protocol), HelloMilliseconds, invocation, diagnostics);
    }

    private static void ReadOptions(ref OptionReader reader, ref ResolverSettings settings)
    {
        while (reader.Next(out char option))
        {
            if (option == 'c')
            {
                settings.MostUnderWay = (int)(reader.Number(1) & int.MaxValue);
                continue;
            }
            if (settings.Servers == null)
            {
                settings.Servers = (ResolverConfiguration*)Arena.Allocate((nuint)sizeof(ResolverConfiguration));
                settings.Servers->Reset();
            }
            if (SocketAddress.TryParse(reader.Argument, ResolverConfiguration.Port, out SocketAddress server))
                settings.Servers->AddServer(server);
            else
                reader.RejectArgument("address"u8);
        }
    }
}
