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

    /// <summary>The system error that ended the role, if there was one.</summary>
    internal Errno Error { get; }

    /// <summary>The command line of the next program.</summary>
    internal Words Command { get; }

    /// <summary>The environment of the next program.</summary>
    internal EnvironmentBlock Environment { get; }

    /// <summary>
    /// The number of programs at the start of <see cref="Command"/> that the role itself has added: each becomes the next one after the one before
    /// it is done. They are roles of this executable, regardless of PATH. The programs that the user has given follow them.
    /// </summary>
    internal int OwnRoles { get; }

    internal bool BecomesProgram => Command.List != null;

    internal static Outcome Exit(int exitCode, Errno error = default) => new(exitCode, error, default, default, 0);

    internal static Outcome Become(Words command, EnvironmentBlock environment, int ownRoles) => new(0, default, command, environment, ownRoles);
}
