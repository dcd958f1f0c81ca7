using LocalService.Posix;

namespace LocalService.CommandLine;

/// <summary>How a role ends: with an exit code, or by becoming another program.</summary>
internal readonly unsafe struct Outcome
{
    private Outcome(int exitCode, Words command, EnvironmentBlock environment)
    {
        Code = exitCode;
        Command = command;
        Environment = environment;
    }

    /// <summary>The exit code; without meaning when <see cref="BecomesProgram"/>.</summary>
    internal int Code { get; }

    /// <summary>The command line of the next program.</summary>
    internal Words Command { get; }

    /// <summary>The environment of the next program.</summary>
    internal EnvironmentBlock Environment { get; }

    internal bool BecomesProgram => Command.List != null;

    internal static Outcome Exit(int exitCode) => new(exitCode, default, default);

    internal static Outcome Become(Words command, EnvironmentBlock environment) => new(0, command, environment);
}
