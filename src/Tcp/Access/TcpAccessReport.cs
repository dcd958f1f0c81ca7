using System;
using LocalService.CommandLine;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;
using LocalService.Rules;

namespace LocalService.Tcp.Access;

/// <summary>What the gate says about a decision. Specification "tcp", section 4.1, with B22.</summary>
/// <param name="diagnostics">The messages of the gate.</param>
/// <param name="options">The options of the gate.</param>
/// <param name="client">The address of the client.</param>
/// <param name="inServer">Whether a server asks, which will only know later which process serves the client.</param>
/// <param name="saysWhy">Whether the server wants to know what decided, whatever the gate's own verbosity is.</param>
internal readonly unsafe ref struct TcpAccessReport(Diagnostics diagnostics, TcpAccessOptions options, IpAddress client, bool inServer, bool saysWhy)
{
    private const uint ReportAllow = 1;
    private const uint ReportDeny = 2;
    private const uint ReportDetails = 3;

    private readonly Diagnostics diagnostics = diagnostics;

    private bool SaysWhy => (options.Verbosity >= ReportDeny || saysWhy) && (!options.TcpRules.IsNull || !options.Rules.IsNone);

    /// <summary>Adds the number of the process that serves the client.</summary>
    internal static void AddProcess(ref Line line, bool isUnknown)
    {
        if (isUnknown)
            line.Add([MessageBuffer.UnknownProcess]);
        else
            line.Add((ulong)libc.getpid());
    }

    /// <summary>A detail of a lookup.</summary>
    internal void Detail(ReadOnlySpan<byte> what, ReadOnlySpan<byte> more, ReadOnlySpan<byte> why)
    {
        if (options.Verbosity >= ReportDetails)
            diagnostics.Warning(what, more, ": "u8, why);
    }

    /// <summary>The client is let in.</summary>
    internal void Allow() => Answer(ReportAllow, "allow"u8);

    /// <summary>Reports that the client is refused. Returns how the gate ends.</summary>
    internal Outcome Deny(int exitCode = ExitCode.Refused)
    {
        Answer(ReportDeny, "deny"u8);
        return Outcome.Exit(exitCode);
    }

    /// <summary>Reports which key, or what else, decided.</summary>
    internal void DecidedBy(ReadOnlySpan<byte> what)
    {
        if (SaysWhy)
            diagnostics.Info("decided by "u8, what);
    }

    /// <summary>Reports which of the keys decided.</summary>
    internal void DecidedBy<TKeys>(Decision decision, TKeys keys) where TKeys : struct, IRuleKeys
    {
        if (!SaysWhy)
            return;
        ReadOnlySpan<byte> key = RuleSearch.DecidingKey(decision, keys, stackalloc byte[TKeys.LongestKey]);
        DecidedBy(key.IsEmpty ? "the empty key"u8 : key);
    }

    /// <summary>The rules can't be read: the client is refused.</summary>
    /// <param name="decision">Why.</param>
    /// <param name="kind">What was looked for, such as <c>IP</c>.</param>
    internal Outcome Unreadable(Decision decision, ReadOnlySpan<byte> kind)
    {
        ReadOnlySpan<byte> path = Bytes.OfC(options.TcpRules.IsNull ? options.Rules.Path : options.TcpRules);
        if (decision.Verdict == Verdict.Unopenable)
            return diagnostics.Fatal(decision.Error, "unable to cdb_init "u8, path);
        ReadOnlySpan<byte> start = options.TcpRules.IsNull && !options.Rules.IsDatabase ? "unable to check fs ruleset for "u8 : "unable to check cdb ruleset for "u8;
        return diagnostics.Fatal(decision.Error, start, kind, " in "u8, path);
    }

    /// <summary>The directory of the rules isn't there.</summary>
    internal void RulesMissing()
    {
        if (options.Verbosity >= ReportAllow)
            diagnostics.Warning("rules directory "u8, Bytes.OfC(options.Rules.Path), " does not exist"u8);
    }

    private void Answer(uint atVerbosity, ReadOnlySpan<byte> answer)
    {
        if (options.Verbosity < atVerbosity)
            return;
        var line = new Line(libc.STDERR_FILENO, stackalloc byte[Line.BufferSize]);
        line.Add(answer);
        line.Add(" pid "u8);
        AddProcess(ref line, inServer);
        line.Add(" ip "u8);
        line.Add(IpAddressText.Format(client.WithScope(0), stackalloc byte[IpAddressText.LongestText]));
        diagnostics.Info(line.Text);
    }
}
