using LocalService.Posix;

namespace LocalService.CommandLine;

/// <summary>What a role is started with.</summary>
/// <param name="words">The command line; word 0 is the name that the role was called by.</param>
/// <param name="environment">The environment. Editing this copy leaves the caller's alone.</param>
/// <param name="chained">Whether the role took the place of another one in the same process, without an execve(2).</param>
internal readonly struct Invocation(Words words, EnvironmentBlock environment, bool chained)
{
    internal Words Words { get; } = words;
    internal EnvironmentBlock Environment { get; } = environment;
    internal bool Chained { get; } = chained;
}
