using System;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.CommandLine;

/// <summary>What a role is started with.</summary>
/// <param name="words">The command line; word 0 is the name that the role was called by.</param>
/// <param name="environment">The environment. Editing this copy leaves the caller's alone.</param>
internal readonly unsafe struct Invocation(Words words, EnvironmentBlock environment)
{
    internal Words Words { get; } = words;

    internal EnvironmentBlock Environment { get; init; } = environment;

    /// <summary>Whether the role took the place of another one in the same process, without an execve(2).</summary>
    internal bool Chained { get; init; }

    /// <summary>How a role finds others, for the one that runs gates itself: <see cref="RoleFinder"/>.</summary>
    internal RoleFinder Roles { get; init; }

    /// <summary>Where the role takes memory from: that of the process, unless it is run for somebody else.</summary>
    internal Allocator Memory { get; init; }

    /// <summary>The connection that a gate is asked about; standard input, unless a server asks.</summary>
    internal int Connection { get; init; }

    /// <summary>Whether a gate says which rule has decided, whatever its own verbosity is.</summary>
    internal bool SaysWhy { get; init; }

    /// <summary>Where the role's messages go when it is run for somebody else; null otherwise.</summary>
    internal MessageBuffer* Messages { get; init; }
}

/// <summary>Finds a role by either of its names.</summary>
/// <param name="find">The function that does, or null: then there is none.</param>
internal readonly unsafe struct RoleFinder(delegate*<ReadOnlySpan<byte>, out Role, bool> find)
{
    internal bool TryFind(ReadOnlySpan<byte> name, out Role role)
    {
        role = default;
        return find != null && find(name, out role);
    }
}
