using System;
using LocalService.CommandLine;
using LocalService.Dns;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;
using LocalService.Rules;
using LocalService.Tcp.Ident;

namespace LocalService.Tcp.Access;

/// <summary>
/// Whether a client is let in: by its address, then, if no rule matches the address, by its name. A client that is refused by its address costs no
/// lookup and sees no banner; IDENT comes last, as it decides nothing (B14). With a database of tcprules everything is found out first.
/// Specification "tcp", section 4.1.
/// </summary>
internal readonly unsafe ref struct TcpDecision(
    Invocation invocation, TcpAccessOptions options, TcpConnection connection, ReadOnlySpan<byte> knownName, Diagnostics diagnostics,
    TcpAccessReport report)
{
    private const int NegativeAnswer = 2;
    private const int TimedOut = 99;

    private readonly ReadOnlySpan<byte> knownName = knownName;
    private readonly TcpAccessReport report = report;
    private readonly Diagnostics diagnostics = diagnostics;
    private readonly TimeLimit limit = new(options.NeedsProcess ? options.Milliseconds : 0);

    private IpAddress Client => connection.Remote.Address;

    /// <summary>Decides, and reports.</summary>
    /// <param name="facts">Gets what was found out.</param>
    /// <param name="allowance">Gets the allowance of the rule that lets the client in.</param>
    /// <returns>How the gate ends when the client is refused; exit code 0 when it is let in.</returns>
    internal Outcome Make(ref TcpClientFacts facts, ref Allowance allowance)
    {
        bool needsFacts = !options.TcpRules.IsNull && (options.Names || options.Ident);
        bool needsName = false;
        Outcome outcome = needsFacts ? Outcome.Exit(ExitCode.Success) : ByAddress(ref facts, ref allowance, out needsName);
        if (outcome.Code == ExitCode.Success && options.NeedsProcess)
            outcome = UseConnection();
        if (outcome.Code == ExitCode.Success && options.Names)
            outcome = FindNames(ref facts, needsName);
        if (outcome.Code == ExitCode.Success && needsName)
            outcome = ByName(ref facts, ref allowance);
        if (outcome.Code == ExitCode.Success && options.Ident)
            outcome = AskIdent(ref facts.Ident);
        if (outcome.Code == ExitCode.Success && needsFacts)
            outcome = ByTcpRules(ref facts, ref allowance);
        if (outcome.Code == ExitCode.Success)
            report.Allow();
        return outcome;
    }

    private Outcome ByAddress(ref TcpClientFacts facts, ref Allowance allowance, out bool needsName)
    {
        needsName = false;
        if (!options.TcpRules.IsNull)
            return ByTcpRules(ref facts, ref allowance);
        var keys = new AddressKeys(Client);
        Decision decision = RuleSearch.Decide(options.Rules, keys, invocation.Memory, ref allowance);
        if (decision.Verdict == Verdict.RulesMissing)
            report.RulesMissing();
        if (decision.Verdict == Verdict.NoRule && options.Names)
        {
            needsName = true;
            return Outcome.Exit(ExitCode.Success);
        }
        return Report(decision, keys, "IP"u8);
    }

    private Outcome ByName(ref TcpClientFacts facts, ref Allowance allowance)
    {
        if (facts.Names.Remote.IsNone)
        {
            report.DecidedBy(facts.Names.RemoteError.Is(libc.ETIMEDOUT) ? "a timeout"u8 : "no name"u8);
            return report.Deny();
        }
        ReadOnlySpan<byte> name = facts.Names.Remote.Text;
        fixed (byte* start = name)
        {
            var keys = new NameKeys(start, name.Length);
            return Report(RuleSearch.Decide(options.Rules, keys, invocation.Memory, ref allowance), keys, "reverse DNS"u8);
        }
    }

    private Outcome ByTcpRules(ref TcpClientFacts facts, ref Allowance allowance)
    {
        ReadOnlySpan<byte> address = IpAddressText.Format(Client.WithScope(0), stackalloc byte[IpAddressText.LongestText]);
        var keys = new TcpRulesKeys(address, facts.Names.Remote.Text, facts.Ident.IsName ? facts.Ident.Text : default);
        Decision decision = TcpRulesDatabase.Decide(options.TcpRules, keys, invocation.Memory, ref allowance);
        if (decision.Verdict != Verdict.NoRule)
            return Report(decision, keys, "IP"u8);
        report.DecidedBy("no rule"u8);
        return Outcome.Exit(ExitCode.Success);
    }

    private Outcome Report<TKeys>(Decision decision, TKeys keys, ReadOnlySpan<byte> kind) where TKeys : struct, IRuleKeys
    {
        switch (decision.Verdict)
        {
            case Verdict.Unreadable or Verdict.Unopenable:
                return report.Unreadable(decision, kind);
            case Verdict.Allow or Verdict.Deny:
                report.DecidedBy(decision, keys);
                break;
            default:
                report.DecidedBy("no rule"u8);
                break;
        }
        return decision.Verdict == Verdict.Allow ? Outcome.Exit(ExitCode.Success) : report.Deny();
    }

    /// <summary>Sets TCP_NODELAY, and writes the banner.</summary>
    private Outcome UseConnection()
    {
        int on = 1;
        if (options.NoDelay && libc.setsockopt(libc.STDOUT_FILENO, libc.IPPROTO_TCP, libc.TCP_NODELAY, &on, sizeof(int)) < 0)
            diagnostics.Warning(Errno.Last, "unable to socket_tcpnodelay"u8);
        if (options.BannerLength == 0)
            return Outcome.Exit(ExitCode.Success);
        Span<byte> banner = stackalloc byte[options.BannerLength];
        TcpAccessOptions.CopyBanner(new OptionReader(invocation.Words, TcpServerAccess.Declaration), banner);
        Errno error = Readiness.ToWrite(libc.STDOUT_FILENO, limit);
        var line = new Line(libc.STDOUT_FILENO, stackalloc byte[Line.BufferSize]);
        line.Add(banner);
        if (!error.Failed)
            line.Flush();
        error = error && line.Error;
        if (!error.Failed)
            return Outcome.Exit(ExitCode.Success);
        _ = diagnostics.Fatal(error, "unable to write banner"u8);
        return Outcome.Exit(error.Is(libc.ETIMEDOUT) ? TimedOut : ExitCode.System);
    }

    private Outcome FindNames(ref TcpClientFacts facts, bool needsName)
    {
        if (!knownName.IsEmpty)
        {
            _ = facts.Names.Remote.TrySet(knownName);
            return Outcome.Exit(ExitCode.Success);
        }
        Errno error = facts.Names.Open(invocation.Environment, options.UsesHosts, limit.LeftOrNone, diagnostics);
        if (error.Failed)
        {
            if (options.Verbosity >= 2)
                diagnostics.Warning(error, "unable to init DNS"u8);
            return options.IsStrict ? report.Deny(ExitCode.System) : Outcome.Exit(ExitCode.Success);
        }
        facts.Names.Find(Client, wantsRemote: true, connection.Local.Address, wantsLocal: options.LocalName.IsNull, diagnostics);
        error = facts.Names.RemoteError;
        if (error.Failed)
            report.Detail(options.IsParanoid ? "unable to (paranoidly) resolve PTR for client address"u8 : "unable to resolve PTR for client address"u8, default, DnsError.Text(error));
        else if (options.IsParanoid && !facts.Names.RemoteIsTrusted)
            error = Verify(ref facts.Names);
        facts.Names.Close();
        if (!error.Failed || !options.IsStrict)
            return Outcome.Exit(ExitCode.Success);
        report.DecidedBy(error.Is(libc.ETIMEDOUT) ? "a timeout"u8 : "no name"u8);
        return report.Deny(error.Number switch
        {
            libc.ETIMEDOUT => TimedOut,
            libc.ENOENT or libc.EINVAL => ExitCode.Refused,
            _ => ExitCode.System,
        });
    }

    private Errno Verify(ref HostNames names)
    {
        Errno error = names.Verify(Client);
        if (!error.Failed)
            return default;
        report.Detail("unable to (paranoidly) resolve "u8, names.Remote.Full, DnsError.Text(error));
        names.Remote = default;
        return error;
    }

    private Outcome AskIdent(ref IdentAnswer answer)
    {
        Errno error = IdentQuestion.Ask(connection.Remote, connection.Local, limit, ref answer);
        if (error.Failed)
            report.Detail("unable to s6net_ident_client"u8, default, error.Text);
        else if (!answer.IsName)
            report.Detail("ident server replied"u8, default, answer.Refusal);
        if (answer.IsName || !options.IsStrict)
            return Outcome.Exit(ExitCode.Success);
        report.DecidedBy(error.Is(libc.ETIMEDOUT) ? "a timeout"u8 : "no name"u8);
        return report.Deny(error.Is(libc.ETIMEDOUT) ? TimedOut : error.Failed ? ExitCode.System : NegativeAnswer);
    }
}
