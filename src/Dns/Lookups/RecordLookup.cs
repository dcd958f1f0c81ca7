using System;
using System.Runtime.CompilerServices;
using LocalService.CommandLine;
using LocalService.Dns.Configuration;
using LocalService.Dns.Packets;
using LocalService.Dns.Resolving;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Dns.Lookups;

/// <summary>How a lookup ended.</summary>
internal enum LookupResult : byte
{
    /// <summary>Records were found.</summary>
    Found,

    /// <summary>The name exists, but has no such record.</summary>
    NoData,

    /// <summary>There is an error.</summary>
    Failed,
}

/// <summary>
/// The common part of the lookups: asks for one type of record and prints each record found as a line. Specification "dns", section 4, with B14, B23
/// and B30.
/// </summary>
internal static class RecordLookup
{
    /// <summary>No records: "no", as far as exit codes go.</summary>
    internal const int NoData = 1;

    /// <summary>The name doesn't exist, or servers say that something is wrong.</summary>
    internal const int NoAnswer = 2;

    /// <summary>The time of <c>-t</c> has passed.</summary>
    internal const int TimedOut = 99;

    /// <summary>The declaration of the command line of a lookup of one type of record.</summary>
    internal static ReadOnlySpan<byte> Declaration =>
        """
        -q --qualify  apply the search list to a short name
        -r --random  print the records in a random order
        -t --timeout=timeout  overall time limit in milliseconds; 0, the default: no limit
        name  the name to look up
        """u8;

    /// <summary>Runs such a lookup.</summary>
    internal static Outcome Run(Invocation invocation, ReadOnlySpan<byte> program, ushort type)
    {
        var diagnostics = new Diagnostics(program);
        var reader = new OptionReader(invocation.Words, Declaration);
        LookupOptions options = LookupOptions.Read(ref reader);
        return reader.IsWrong ? diagnostics.Usage(reader) : Run(invocation, diagnostics, options, options.Operand, type);
    }

    /// <summary>Asks for the records of a name and prints them.</summary>
    internal static unsafe Outcome Run(Invocation invocation, Diagnostics diagnostics, LookupOptions options, ReadOnlySpan<byte> name, ushort type)
    {
        NameResolution resolution = default;
        Errno error = resolution.Open(invocation.Environment, options.Qualifies, options.Milliseconds, null, diagnostics);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to initialize structures from /etc/resolv.conf"u8);
        var lines = new LineList();
        LookupResult result = Find(ref resolution, name, options.Qualifies, type, ref lines, out error);
        return End(diagnostics, options, name, result, error, ref lines);
    }

    /// <summary>Asks for the records of the candidates of a name, one after the other, until one has some.</summary>
    internal static LookupResult Find(
        ref NameResolution resolution, ReadOnlySpan<byte> text, bool qualifies, ushort type, ref LineList lines, out Errno error)
    {
        DomainName name = default;
        error = name.Parse(text);
        if (error.Failed)
            return LookupResult.Failed;
        Resolution answer = default;
        bool anyExists = false;
        error = DnsError.NoSuchDomain;
        var candidates = new Candidates(text, qualifies, resolution.Configuration);
        while (candidates.Next(ref name))
        {
            resolution.Find(name.Wire, type, QueryFlags.RecursionDesired, ref answer);
            LookupResult result = Add(answer, type, ref lines, out error);
            anyExists |= result == LookupResult.NoData;
            if (result == LookupResult.Found || (result == LookupResult.Failed && !error.Is(DnsError.NoSuchDomain.Number)))
                return result;
        }
        return anyExists ? LookupResult.NoData : LookupResult.Failed;
    }

    /// <summary>Adds the records of an answer to the output.</summary>
    internal static LookupResult Add(in Resolution resolution, ushort type, ref LineList lines, out Errno error)
    {
        error = resolution.Error;
        if (error.Failed)
            return LookupResult.Failed;
        error = Answer.Open(resolution.Packet.Content, type, out Answer answer);
        if (error.Failed)
            return LookupResult.Failed;
        if (answer.IsEmpty)
            return LookupResult.NoData;
        while (answer.Next(out Record record))
        {
            RecordText.Add(ref lines.Text, record);
            lines.EndLine();
        }
        return LookupResult.Found;
    }

    /// <summary>Prints what was found, or says why nothing was.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // called from many places
    internal static Outcome End(
        Diagnostics diagnostics, LookupOptions options, ReadOnlySpan<byte> name, LookupResult result, Errno error, ref LineList lines)
    {
        if (result == LookupResult.NoData)
            return Outcome.Exit(NoData);
        if (result == LookupResult.Failed)
            return Fail(diagnostics, name, error);
        error = lines.Write(options.Shuffles);
        return error.Failed ? diagnostics.Fatal(error, "unable to write to stdout"u8) : Outcome.Exit(ExitCode.Success);
    }

    /// <summary>Says why a name could not be resolved.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // called from many places
    internal static Outcome Fail(Diagnostics diagnostics, ReadOnlySpan<byte> name, Errno error)
    {
        int exitCode = error.Number switch
        {
            libc.EINVAL => ExitCode.Usage,
            libc.ETIMEDOUT => TimedOut,
            libc.ENOENT or libc.EBUSY or libc.ECONNREFUSED or libc.EOPNOTSUPP or libc.EILSEQ or libc.EIO or libc.EPROTO => NoAnswer,
            _ => ExitCode.System,
        };
        return diagnostics.Fatal(exitCode, "unable to resolve "u8, name, ": "u8, DnsError.Text(error));
    }
}
