using System;
using LocalService.CommandLine;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Access;

/// <summary>The gate as a program of a chain. Specification "access", section 1.</summary>
internal readonly struct IpcServerAccess : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-ipcserver-access"u8;
    public static ReadOnlySpan<byte> Usage => "[ -v verbosity ] [ -e | -E ] [ -l localname ] [ -i rulesdir | -x rulesfile ] prog..."u8;
    public static ReadOnlySpan<byte> Summary => "let a client in or not by its uid and gid, then execute a program"u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        if (!AccessOptions.TryParse(invocation.Words, out AccessOptions options))
            return diagnostics.Usage(Usage);
        EnvironmentBlock environment = invocation.Environment;
        if (!environment.TryGet("PROTO"u8, out ReadOnlySpan<byte> protocol))
            return diagnostics.Fatal(ExitCode.Usage, "PROTO not set"u8);
        Outcome wrong = ReadId(diagnostics, environment, protocol, "REMOTEEUID"u8, out uint userId);
        if (wrong.Code != ExitCode.Success)
            return wrong;
        wrong = ReadId(diagnostics, environment, protocol, "REMOTEEGID"u8, out uint groupId);
        if (wrong.Code != ExitCode.Success)
            return wrong;
        var client = new PeerCredentials(userId, groupId);
        var allowance = new Allowance();
        Decision decision = AccessGate.Decide(options.Rules, client, PeerCredentials.OfThisProcess, ref allowance);
        int exitCode = new AccessReport(diagnostics, options.Rules, options.Verbosity).Write(decision, libc.getpid(), client);
        Outcome outcome = exitCode == ExitCode.Success
            ? LetIn(diagnostics, options, environment, protocol, ref allowance)
            : Outcome.Exit(exitCode);
        allowance.Free();
        return outcome;
    }

    private static Outcome ReadId(
        Diagnostics diagnostics, EnvironmentBlock environment, ReadOnlySpan<byte> protocol, ReadOnlySpan<byte> name, out uint id)
    {
        id = 0;
        if (!environment.TryGet(Ucspi.Variable(protocol, name), out ReadOnlySpan<byte> value))
            return diagnostics.Fatal(ExitCode.Usage, protocol, name, " not set"u8);
        if (!Numbers.TryParse(value, out id))
            return diagnostics.Fatal(ExitCode.Usage, "invalid $"u8, protocol, name);
        return Outcome.Exit(ExitCode.Success);
    }

    private static Outcome LetIn(
        Diagnostics diagnostics, AccessOptions options, EnvironmentBlock environment, ReadOnlySpan<byte> protocol, ref Allowance allowance)
    {
        var edits = new Edits(allowance.Edits);
        while (edits.MoveNext())
            environment.Apply(edits.Current);
        if (!options.SetsEnvironment)
        {
            RemoveConnection(ref environment, protocol);
        }
        else
        {
            Errno error = SetLocalPath(ref environment, protocol, options);
            if (error.Failed)
                return diagnostics.Fatal(error, "unable to ipc_local"u8);
        }
        if (allowance.Script.IsEmpty)
            return Exec.Into(options.Next, environment);
        var interpreter = new WordList(3);
        interpreter.Add("execlineb"u8);
        interpreter.Add("-Pc"u8);
        interpreter.Add(Bytes.UntilNul(allowance.Script));
        return Exec.Into(interpreter.Words, environment);
    }

    private static unsafe Errno SetLocalPath(ref EnvironmentBlock environment, ReadOnlySpan<byte> protocol, AccessOptions options)
    {
        ReadOnlySpan<byte> name = Ucspi.Variable(protocol, "LOCALPATH"u8);
        if (options.LocalName != null)
        {
            environment.Set(name, Bytes.OfC(options.LocalName));
            return default;
        }
        if (StandardDescriptors.InputMissing)
            return new Errno(libc.EBADF);
        Result<UnixAddress> local = UnixAddress.LocalOf(libc.STDIN_FILENO);
        if (local.Failed)
            return local.Error;
        Span<byte> path = stackalloc byte[UnixAddress.LongestPath];
        environment.Set(name, path[..local.Value.CopyPath(path)]);
        return default;
    }

    private static void RemoveConnection(ref EnvironmentBlock environment, ReadOnlySpan<byte> protocol)
    {
        environment.Unset("PROTO"u8);
        environment.Unset(Ucspi.Variable(protocol, "REMOTEEUID"u8));
        environment.Unset(Ucspi.Variable(protocol, "REMOTEEGID"u8));
        environment.Unset(Ucspi.Variable(protocol, "REMOTEPATH"u8));
        environment.Unset(Ucspi.Variable(protocol, "LOCALPATH"u8));
        environment.Unset(Ucspi.Variable(protocol, "CONNNUM"u8));
    }
}
