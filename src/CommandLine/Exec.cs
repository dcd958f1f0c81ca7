using System;
using System.Runtime.CompilerServices;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.CommandLine;

/// <summary>How a role becomes another program.</summary>
internal static class Exec
{
    /// <summary>
    /// Ends the role and runs the program instead, with the same process id, descriptors and signals. The name is searched in the
    /// PATH that the role was started with, even if the new environment has another one. When the program can't be executed, the role ends with
    /// <c>unable to exec NAME</c> and exit code 126 or 127. Specification "conventions", section 4.
    /// </summary>
    /// <param name="command">The words of the program, at least one.</param>
    /// <param name="environment">Its environment.</param>
    internal static Outcome Into(Words command, EnvironmentBlock environment) => Into(command, environment, ownRoles: 0);

    /// <summary>
    /// The same for a command line that the role has composed: the programs added with <see cref="WordList.AddRole"/> are roles of this executable
    /// and need no search.
    /// </summary>
    internal static Outcome Into(in WordList command, EnvironmentBlock environment) => Into(command.Words, environment, command.Roles);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Outcome Into(Words command, EnvironmentBlock environment, int ownRoles)
    {
        if (command.Count == 0)
            Abandon.InternalInconsistency();
        return Outcome.Become(command, environment, ownRoles);
    }

    /// <summary>Ends a role whose next program can't be executed.</summary>
    /// <param name="diagnostics">The messages of the role.</param>
    /// <param name="name">The program.</param>
    /// <param name="error">The reason.</param>
    internal static Outcome Fail(Diagnostics diagnostics, ReadOnlySpan<byte> name, Errno error)
    {
        _ = diagnostics.Fatal(error, "unable to exec "u8, name);
        return Outcome.Exit(error.Is(libc.ENOENT) ? ExitCode.NotFound : ExitCode.NotExecutable);
    }
}
