using System;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.CommandLine;

/// <summary>The command line and the surroundings of a role.</summary>
/// <param name="words">The command line; word 0 is the name used to call the role.</param>
/// <param name="environment">The environment. Changes to this copy don't affect the caller's.</param>
internal readonly unsafe struct Invocation(Words words, EnvironmentBlock environment)
{
    internal Words Words { get; } = words;

    internal EnvironmentBlock Environment { get; init; } = environment;

    /// <summary>Whether the role replaced another one in the same process, without an execve(2).</summary>
    internal bool Chained { get; init; }

    /// <summary>How the role that runs gates itself finds them: <see cref="RoleFinder"/>.</summary>
    internal RoleFinder Roles { get; init; }

    /// <summary>The allocator for the role: that of the process, unless a server runs the role.</summary>
    internal Allocator Memory { get; init; }

    /// <summary>The connection that a gate decides about; standard input, unless a server runs the gate.</summary>
    internal int Connection { get; init; }

    /// <summary>Whether a gate reports which rule decided, at any verbosity of its own.</summary>
    internal bool SaysWhy { get; init; }

    /// <summary>Collects the role's messages when a server runs it; null otherwise.</summary>
    internal MessageBuffer* Messages { get; init; }
}

/// <summary>Finds a role by either of its names.</summary>
/// <param name="find">The function that finds it, or null: then no role is found.</param>
internal readonly unsafe struct RoleFinder(delegate*<ReadOnlySpan<byte>, out Role, bool> find)
{
    internal bool TryFind(ReadOnlySpan<byte> name, out Role role)
    {
        role = default;
        return find != null && find(name, out role);
    }
}
