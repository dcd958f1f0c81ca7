using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Events;

/// <summary>The program that a listener starts once it listens, and doesn't wait for.</summary>
internal static unsafe class ListenerProgram
{
    /// <summary>Starts it and waits for events.</summary>
    /// <param name="program">Its command line.</param>
    /// <param name="environment">Its environment, whose PATH is searched for it.</param>
    /// <param name="wait">The subscriptions, which are gone afterwards.</param>
    /// <param name="all">Whether all of them have to match, or one.</param>
    /// <param name="text">The events of the match that came last.</param>
    /// <param name="diagnostics">For messages.</param>
    internal static Outcome Run(
        Words program, EnvironmentBlock environment, ref EventWait wait, bool all, out ReadOnlySpan<byte> text, Diagnostics diagnostics)
    {
        text = default;
        Errno error = Start(program, environment);
        if (error.Failed)
        {
            wait.Close();
            return diagnostics.Fatal(error, "unable to spawn "u8, program[0]);
        }
        error = wait.ForMatch(all, out text);
        if (!error.Failed)
            return Outcome.Exit(ExitCode.Success);
        _ = diagnostics.Fatal(error, "unable to get expected event"u8);
        return Outcome.Exit(error.Is(libc.ETIMEDOUT) ? ExitCode.Refused : ExitCode.System);
    }

    // With the descriptors of the caller, and no signal blocked.
    private static Errno Start(Words program, EnvironmentBlock environment)
    {
        ChildProcess child = default;
        var file = new ProgramFile(ProgramCandidates.Of(program[0], environment));
        return child.Start(file, program.List, environment.List, libc.STDIN_FILENO, libc.STDOUT_FILENO, out _);
    }
}
