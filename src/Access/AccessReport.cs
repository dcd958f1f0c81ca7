using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;
using LocalService.Rules;

namespace LocalService.Access;

/// <summary>The gate's messages about a decision. Specification "access", sections 1.2 and 1.3.</summary>
/// <param name="diagnostics">The messages of the gate.</param>
/// <param name="rules">The source of the rules.</param>
/// <param name="verbosity">How much to report.</param>
/// <param name="saysWhy">Whether the server wants to know which key decided, at any verbosity.</param>
internal readonly ref struct AccessReport(Diagnostics diagnostics, RuleSource rules, uint verbosity, bool saysWhy)
{
    /// <summary>A process that hasn't been started yet: its id is filled in when the messages are written.</summary>
    internal const int UnknownProcess = 0;

    private const uint ReportAllow = 1;
    private const uint ReportUnknown = 1;
    private const uint ReportDeny = 2;
    private const uint ReportWhy = 3;

    private readonly Diagnostics diagnostics = diagnostics;

    /// <summary>Reports the key that decided, before the messages of the decision. Specification "tcp", B22, for a client that has ids.</summary>
    internal void WriteWhy(Decision decision, PeerKeys keys)
    {
        bool isOfRules = !decision.Error.Failed && decision.Verdict is not (Verdict.Unknown or Verdict.LabelUnusable);
        if ((verbosity < ReportWhy && !saysWhy) || rules.IsNone || !isOfRules)
            return;
        bool isByKey = decision.Verdict is Verdict.Allow or Verdict.Deny;
        diagnostics.Info("decided by "u8, isByKey ? RuleSearch.DecidingKey(decision, keys, stackalloc byte[PeerKeys.LongestKey]) : "no rule"u8);
    }

    /// <summary>Writes the messages of a decision.</summary>
    /// <param name="decision">The decision.</param>
    /// <param name="processId">The process that serves the client, or <see cref="UnknownProcess"/>.</param>
    /// <param name="client">The client's ids.</param>
    /// <returns>The outcome of the gate when it refuses; exit code 0 for an allow.</returns>
    internal Outcome Write(Decision decision, int processId, PeerCredentials client)
    {
        switch (decision.Verdict)
        {
            case Verdict.Allow:
                if (rules.IsNone && verbosity >= ReportDeny)
                    diagnostics.Warning("invoked without a ruleset!"u8);
                WriteLine(ReportAllow, "allow"u8, processId, client, default);
                return Outcome.Exit(ExitCode.Success);
            case Verdict.Unopenable:
                return diagnostics.Fatal(decision.Error, "unable to cdb_init "u8, Bytes.OfC(rules.Path));
            case Verdict.Unreadable:
                ReadOnlySpan<byte> kind = rules.IsDatabase ? "unable to check cdb ruleset in "u8 : "unable to check fs ruleset in "u8;
                return diagnostics.Fatal(decision.Error, kind, Bytes.OfC(rules.Path));
            case Verdict.GroupsUnknown or Verdict.LabelUnknown:
                return diagnostics.Fatal(decision.Error, "unable to "u8, decision.FailedCall);
            case Verdict.Unknown or Verdict.LabelUnusable:
                WriteLine(ReportUnknown, "deny"u8, processId, client, decision.Verdict == Verdict.Unknown ? UnmappedIds.Explanation : Decision.UnusableLabel);
                return Outcome.Exit(ExitCode.Refused);
            case Verdict.Deny:
                WriteLine(ReportDeny, "deny"u8, processId, client, ": "u8, new Errno(libc.EACCES));
                return Outcome.Exit(ExitCode.Refused);
            default:
                if (decision.Verdict == Verdict.RulesMissing && verbosity >= ReportAllow)
                    diagnostics.Warning("rules directory "u8, Bytes.OfC(rules.Path), " does not exist"u8);
                WriteLine(ReportDeny, "deny"u8, processId, client, ": "u8, new Errno(libc.ENOENT));
                return Outcome.Exit(ExitCode.Refused);
        }
    }

    private void WriteLine(
        uint atVerbosity, ReadOnlySpan<byte> answer, int processId, PeerCredentials client, ReadOnlySpan<byte> more, Errno reason = default)
    {
        if (verbosity < atVerbosity)
            return;
        var line = new Line(libc.STDERR_FILENO, stackalloc byte[Line.BufferSize]);
        line.Add(answer);
        line.Add(" pid "u8);
        if (processId == UnknownProcess)
            line.Add([MessageBuffer.UnknownProcess]);
        else
            line.Add((uint)processId);
        line.Add(" uid "u8);
        line.Add(client.UserId);
        line.Add(" gid "u8);
        line.Add(client.GroupId);
        line.Add(more);
        if (reason.Failed)
            line.Add(reason.Text);
        diagnostics.Info(line.Text);
    }
}
