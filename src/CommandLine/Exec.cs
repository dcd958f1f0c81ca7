using System;
using System.Runtime.CompilerServices;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.CommandLine;

/// <summary>The one way for a role to become another program.</summary>
internal static class Exec
{
    /// <summary>
    /// The role ends and the program takes its place, with the same process id, descriptors and signals. The name is searched in the
    /// PATH that the role was started with, whatever the new environment says. When the program can't be executed, the role ends with
    /// <c>unable to exec NAME</c> and exit code 126 or 127. Specification "conventions", section 4.
    /// </summary>
    /// <param name="command">The words of the program, at least one.</param>
    /// <param name="environment">Its environment.</param>
    internal static Outcome Into(Words command, EnvironmentBlock environment) => Into(command, environment, ownRoles: 0);

    /// <summary>
    /// The same for a command line that the role has written: the programs that it has named with <see cref="WordList.AddRole"/> are roles of
    /// this executable, and nothing is searched for them.
    /// </summary>
    internal static Outcome Into(in WordList command, EnvironmentBlock environment) => Into(command.Words, environment, command.Roles);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Outcome Into(Words command, EnvironmentBlock environment, int ownRoles)
    {
        if (command.Count == 0)
            Abandon.InternalInconsistency();
        return Outcome.Become(command, environment, ownRoles);
    }

    /// <summary>What becomes of a role whose next program can't be executed.</summary>
    /// <param name="diagnostics">The messages of the role.</param>
    /// <param name="name">The program.</param>
    /// <param name="error">Why.</param>
    internal static Outcome Fail(Diagnostics diagnostics, ReadOnlySpan<byte> name, Errno error)
    {
        _ = diagnostics.Fatal(error, "unable to exec "u8, name);
        return Outcome.Exit(error.Is(libc.ENOENT) ? ExitCode.NotFound : ExitCode.NotExecutable);
    }
}
