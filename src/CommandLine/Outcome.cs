using LocalService.Errors;
using LocalService.Posix;

namespace LocalService.CommandLine;

/// <summary>How a role ends: with an exit code, or by becoming another program.</summary>
internal readonly unsafe struct Outcome
{
    private Outcome(int exitCode, Errno error, Words command, EnvironmentBlock environment, int ownRoles)
    {
        Code = exitCode;
        Error = error;
        Command = command;
        Environment = environment;
        OwnRoles = ownRoles;
    }

    /// <summary>The exit code; without meaning when <see cref="BecomesProgram"/>.</summary>
    internal int Code { get; }

    /// <summary>The system error that the role has ended with, if it was one.</summary>
    internal Errno Error { get; }

    /// <summary>The command line of the next program.</summary>
    internal Words Command { get; }

    /// <summary>The environment of the next program.</summary>
    internal EnvironmentBlock Environment { get; }

    /// <summary>
    /// How many programs of <see cref="Command"/>, from the first one on, the role itself has named: each becomes the next when the one before
    /// it is done. They mean the roles of this executable, whatever PATH leads to. What the user named comes behind them.
    /// </summary>
    internal int OwnRoles { get; }

    internal bool BecomesProgram => Command.List != null;

    internal static Outcome Exit(int exitCode, Errno error = default) => new(exitCode, error, default, default, 0);

    internal static Outcome Become(Words command, EnvironmentBlock environment, int ownRoles) => new(0, default, command, environment, ownRoles);
}
