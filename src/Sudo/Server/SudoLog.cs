using System;
using LocalService.CommandLine;
using LocalService.Errors;

namespace LocalService.Sudo;

/// <summary>Reports of sudod about a program that was started. Each line contains the process id of the program.</summary>
/// <param name="diagnostics">The messages of sudod.</param>
/// <param name="verbosity">How much to report.</param>
internal readonly ref struct SudoLog(Diagnostics diagnostics, uint verbosity)
{
    /// <summary>The lowest level at which the end of a program is reported.</summary>
    internal const uint EndVerbosity = 2;

    private readonly Diagnostics diagnostics = diagnostics;
    private readonly bool reports = verbosity >= EndVerbosity;

    /// <summary>The program ended: its exit code, or the signal that killed it.</summary>
    internal void End(int processId, ProgramStatus status)
    {
        if (!reports)
            return;
        bool wasKilled = status.Signal != 0;
        diagnostics.Info(
            "end pid "u8,
            Numbers.Decimal((ulong)processId, stackalloc byte[Numbers.LongestText]),
            wasKilled ? " signal "u8 : " exitcode "u8,
            Numbers.Decimal((ulong)(wasKilled ? status.Signal : status.ExitCode), stackalloc byte[Numbers.LongestText]));
    }

    /// <summary>The client went away, and the program was asked to end. The server doesn't wait for that.</summary>
    internal void Abandon(int processId)
    {
        if (reports)
            diagnostics.Info("abandon pid "u8, Numbers.Decimal((ulong)processId, stackalloc byte[Numbers.LongestText]), ": the client is gone"u8);
    }
}
