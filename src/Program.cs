using System;
using System.Runtime.InteropServices;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService;

/// <summary>The start of the process: finds the role, runs it, and then runs or executes the next program of the chain.</summary>
internal static unsafe class Program
{
    [UnmanagedCallersOnly(EntryPoint = "main")]
    private static int Main(int argumentCount, byte** arguments, byte** environment)
    {
        StandardDescriptors.Occupy();
        if (libc.getauxval(libc.AT_SECURE) != 0)
            return RefuseForeignPrivileges();
        ThisExecutable.Remember();
        var words = new Words(arguments);
        var variables = new EnvironmentBlock(environment);
        var roles = new RoleFinder(&RoleTable.TryFind);
        if (words.Count > 0 && RoleTable.TryFind(Bytes.BaseName(words[0]), out Role role))
            return Run(role, new Invocation(words, variables) { Roles = roles });
        // The caller may choose any name for word 0: the executed link still tells the role.
        if (words.Count > 0 && RoleTable.TryFind(Bytes.BaseName(ThisExecutable.StartPath), out role))
            return Run(role, new Invocation(words, variables) { Roles = roles });
        if (words.Count > 1 && RoleTable.TryFind(words[1], out role))
            return Run(role, new Invocation(words.From(1), variables) { Roles = roles });
        return Multicall.Run(words);
    }

    /// <summary>
    /// The caller has fewer rights than the process: the file is set-user-ID or set-group-ID or has capabilities, or a
    /// security module asks for the same care (AT_SECURE, getauxval(3)). No role is made for that: it would obey the
    /// command line and the environment of any user.
    /// </summary>
    private static int RefuseForeignPrivileges() => new Diagnostics(Multicall.Name).Fatal(
        ExitCode.Usage, "refusing to run with more privileges than the caller has (set-user-ID, set-group-ID or file capabilities)"u8).Code;

    /// <summary>
    /// Runs a role. If it becomes another role of this executable, runs that one too: without an execve(2), but with the same effect for the user.
    /// </summary>
    /// <returns>The exit code of the process.</returns>
    private static int Run(Role role, Invocation invocation)
    {
        int ownRoles = 0;
        while (true)
        {
            if (invocation.Words.AsksForHelp)
                return Multicall.Help(role);
            Outcome outcome = role.Run(invocation);
            if (!outcome.BecomesProgram)
                return outcome.Code;
            ownRoles += outcome.OwnRoles;
            if (ownRoles > 0)
            {
                ownRoles--;
                if (!RoleTable.TryFind(outcome.Command[0], out role))
                    Abandon.InternalInconsistency();
            }
            else
            {
                var diagnostics = new Diagnostics(role.Program);
                Errno error = BecomeProgram(outcome, invocation.Environment, ref role);
                if (error.Failed)
                    return Exec.Fail(diagnostics, outcome.Command[0], error).Code;
            }
            invocation = new Invocation(outcome.Command, outcome.Environment) { Chained = true, Roles = invocation.Roles };
        }
    }

    /// <summary>
    /// Executes the next program, which the user has given. Returns an error if that is impossible, and no error if PATH leads to this
    /// executable itself: then <paramref name="role"/> is the role to run next.
    /// </summary>
    private static Errno BecomeProgram(Outcome outcome, EnvironmentBlock startEnvironment, ref Role role)
    {
        ReadOnlySpan<byte> name = outcome.Command[0];
        bool mayBeRole = RoleTable.TryFind(Bytes.BaseName(name), out Role next);
        ProgramSearch search = ProgramCandidates.Of(name, startEnvironment).Search();
        while (search.MoveNext())
        {
            if (mayBeRole && ThisExecutable.Is(search.Current))
            {
                role = next;
                return default;
            }
            _ = libc.execve(search.Current, outcome.Command.List, outcome.Environment.List);
            search.Reject(Errno.Last);
        }
        // If PATH contains no file of that name, as in a container with nothing but this executable, the role is still available.
        if (mayBeRole && search.Error.Is(libc.ENOENT) && name.IndexOf((byte)'/') < 0)
        {
            role = next;
            return default;
        }
        return search.Error;
    }
}
