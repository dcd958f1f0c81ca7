using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;
using LocalService.Rules;

namespace LocalService.Access;

/// <summary>The gate as a program of a chain. Specification "access", section 1.</summary>
internal readonly unsafe struct IpcServerAccess : IGate
{
    public static ReadOnlySpan<byte> Program => "s6-ipcserver-access"u8;
    public static int ManualSection => 8;
    public static ReadOnlySpan<byte> Summary => "let in or refuse a client by its uid and gid, then execute a program"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -v --verbosity=verbosity  what to report: 0 errors, 1 also clients let in, 2 also clients refused, 3 also the deciding rule; 1 by default
        -e --environment  tell the program about the connection in its environment; the default
        | -E --no-environment  remove the variables of the connection from the environment
        -0 --standard-input  ask the kernel about the connection on standard input instead of trusting the environment
        -f --pidfd  give the program a descriptor of the client's process; its number is in IPCREMOTEPIDFD
        -n --unmapped-ids  accept the id that stands for all users without a mapping in this user namespace
        -l --local-name=localname  tell the program this path of the socket instead of the real one
        -m --message=text  a line that a client gets before it is refused
        -i --rules-directory=rulesdir  the directory of the rules
        | -x --rules-file=rulesfile  the cdb file of the rules
        prog...  the program to execute for a client that is let in, and its arguments
        """u8;

    public static bool MayWait => true;

    public static Words CommandBehind(Words words)
    {
        var reader = new OptionReader(words, Declaration);
        AccessOptions options = AccessOptions.Read(ref reader);
        return reader.IsWrong || options.NeedsProcess ? default : options.Next;
    }

    public static Outcome Run(Invocation invocation)
    {
        var identity = new PeerIdentity(StandardDescriptors.InputMissing ? -1 : invocation.Connection);
        Outcome outcome = Run(invocation, &identity);
        identity.Free();
        return outcome;
    }

    /// <summary>Decides about a client whose identity the caller may know in part already, so that the kernel isn't asked again.</summary>
    internal static Outcome Run(Invocation invocation, PeerIdentity* identity)
    {
        var diagnostics = new Diagnostics(Program, invocation.Messages);
        var reader = new OptionReader(invocation.Words, Declaration);
        AccessOptions options = AccessOptions.Read(ref reader);
        if (reader.IsWrong)
            return diagnostics.Usage(reader);
        return Farewell.With(invocation, options.Farewell, Run(diagnostics, invocation, options, identity));
    }

    private static Outcome Run(Diagnostics diagnostics, Invocation invocation, AccessOptions options, PeerIdentity* identity)
    {
        ReadOnlySpan<byte> protocol = ConnectionOnInput.Protocol;
        Outcome wrong;
        PeerCredentials client;
        if (options.AsksKernel)
        {
            EnvironmentBlock environment = invocation.Environment;
            wrong = ConnectionOnInput.Describe(ref environment, out client, diagnostics);
            invocation = invocation with { Environment = environment };
        }
        else
        {
            wrong = ReadClient(diagnostics, invocation, out protocol, out client);
        }
        if (wrong.Code != ExitCode.Success)
            return wrong;
        // A server that runs the gate for each client never changes its ids.
        PeerCredentials self = invocation.Messages == null ? PeerCredentials.OfThisProcess : PeerCredentials.OfThisProcessForGood;
        var allowance = new Allowance();
        var keys = new PeerKeys(client, self, identity);
        Decision decision = !options.Rules.IsNone && !options.UnmappedIdsCount && UnmappedIds.Contains(client)
            ? new Decision(Verdict.Unknown)
            : RuleSearch.Decide(options.Rules, keys, invocation.Memory, ref allowance);
        int processId = invocation.Messages == null ? libc.getpid() : AccessReport.UnknownProcess;
        var report = new AccessReport(diagnostics, options.Rules, options.Verbosity, invocation.SaysWhy);
        report.WriteWhy(decision, keys);
        Outcome outcome = report.Write(decision, processId, client);
        if (outcome.Code == ExitCode.Success)
            outcome = LetIn(diagnostics, options, invocation, identity->Connection, protocol, allowance);
        allowance.Free();
        return outcome;
    }

    private static Outcome ReadClient(
        Diagnostics diagnostics, Invocation invocation, out ReadOnlySpan<byte> protocol, out PeerCredentials client)
    {
        client = default;
        if (!invocation.Environment.TryGet("PROTO"u8, out protocol))
            return diagnostics.Fatal(ExitCode.Usage, "PROTO not set"u8);
        Outcome wrong = ReadId(diagnostics, invocation, protocol, "REMOTEEUID"u8, out uint userId);
        if (wrong.Code != ExitCode.Success)
            return wrong;
        wrong = ReadId(diagnostics, invocation, protocol, "REMOTEEGID"u8, out uint groupId);
        client = new PeerCredentials(userId, groupId);
        return wrong;
    }

    private static Outcome ReadId(
        Diagnostics diagnostics, Invocation invocation, ReadOnlySpan<byte> protocol, ReadOnlySpan<byte> name, out uint id)
    {
        id = 0;
        if (!invocation.Environment.TryGet(Ucspi.Variable(invocation.Memory, protocol, name), out ReadOnlySpan<byte> value))
            return diagnostics.Fatal(ExitCode.Usage, protocol, name, " not set"u8);
        if (!Numbers.TryParse(value, out id))
            return diagnostics.Fatal(ExitCode.Usage, "invalid $"u8, protocol, name);
        return Outcome.Exit(ExitCode.Success);
    }

    private static Outcome LetIn(
        Diagnostics diagnostics, AccessOptions options, Invocation invocation, int connection, ReadOnlySpan<byte> protocol, in Allowance allowance)
    {
        EnvironmentBlock environment = invocation.Environment;
        Allocator memory = invocation.Memory;
        nuint localName = options.LocalName.IsNull ? 0 : (nuint)Bytes.OfC(options.LocalName).Length;
        Errno error = AllowedProgram.Edit(ref environment, allowance, localName, memory);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to update environment"u8);
        if (!options.SetsEnvironment)
            RemoveConnection(ref environment, memory, protocol);
        else
            error = SetLocalPath(ref environment, invocation.Connection, memory, protocol, options);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to ipc_local"u8);
        if (options.GivesProcess)
        {
            Result<int> process = PeerProcess.Open(connection);
            if (process.Failed)
                return diagnostics.Fatal(process.Error, "unable to "u8, PeerProcess.Call);
            environment.Set(Ucspi.Variable(memory, protocol, "REMOTEPIDFD"u8), Numbers.Decimal((ulong)process.Value, stackalloc byte[Numbers.LongestText]));
        }
        return AllowedProgram.Become(options.Next, environment, allowance, "-Pc"u8, memory);
    }

    // The connection has the address of the socket that it was accepted from, which a server that drains may have closed already.
    private static Errno SetLocalPath(
        ref EnvironmentBlock environment, int connection, Allocator memory, ReadOnlySpan<byte> protocol, AccessOptions options)
    {
        ReadOnlySpan<byte> name = Ucspi.Variable(memory, protocol, "LOCALPATH"u8);
        if (!options.LocalName.IsNull)
        {
            environment.Set(name, Bytes.OfC(options.LocalName));
            return default;
        }
        if (StandardDescriptors.InputMissing)
            return new Errno(libc.EBADF);
        Result<UnixAddress> local = UnixAddress.LocalOf(connection);
        if (local.Failed)
            return local.Error;
        Span<byte> path = stackalloc byte[UnixAddress.LongestPath];
        environment.Set(name, path[..local.Value.CopyPath(path)]);
        return default;
    }

    private static void RemoveConnection(ref EnvironmentBlock environment, Allocator memory, ReadOnlySpan<byte> protocol)
    {
        environment.Unset("PROTO"u8);
        Ucspi.Unset(ref environment, memory, protocol, "REMOTEEUID\0REMOTEEGID\0REMOTEPATH\0LOCALPATH\0CONNNUM\0"u8);
        Ucspi.Unset(ref environment, memory, protocol, Ucspi.MoreOfClient);
    }
}
