using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;
using LocalService.Rules;

namespace LocalService.Tcp.Access;

/// <summary>
/// The gate of a TCP server as a program of a chain. A server decides by addresses alone itself; names, IDENT and a banner, which all wait for a
/// peer, need a process for each client. Specification "tcp", section 4, with B3, B4, B6, B7, B11 to B14 and B22.
/// </summary>
internal readonly unsafe struct TcpServerAccess : IGate
{
    private const int LongestBanner = 511;

    public static ReadOnlySpan<byte> Program => "s6-tcpserver-access"u8;
    public static int ManualSection => 8;
    public static ReadOnlySpan<byte> Summary => "let in or refuse a client by its address or name, then execute a program"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -v --verbosity=verbosity  what to report: 0 errors, 1 also clients let in, 2 also clients refused and the rule, 3 also lookup details; 1 by default
        -0 --standard-input  ask the kernel about the connection on standard input instead of trusting the environment
        -W --lenient  let a client in even if a lookup about it fails; the default
        | -w --strict  refuse it
        -D --no-delay  send data as soon as it is written
        | -d --delay  let the kernel combine small writes; the default
        -H --no-names  don't look up names, unless -p is given
        -h --hosts  look in /etc/hosts before asking DNS; its entries are trusted
        -R --no-ident  don't ask IDENT; the default
        | -r --ident  ask the client's host for the owner of the connection
        -P --no-paranoia  trust the name that DNS has for the client's address; the default
        | -p --paranoid  ignore the client's name unless it resolves to the client's address
        -l --local-name=localname  the name of the local end, instead of looking it up
        -B --banner=banner  text to send to the client first; several are joined, up to 511 bytes
        -t --timeout=timeout  overall time limit in milliseconds for waiting; 0: no limit; 30000 by default
        -m --message=text  a line that a client gets before it is refused
        -i --rules-directory=rulesdir  the directory of the rules
        | -x --rules-file=rulesfile  the cdb file of the rules
        | -X --tcprules-file=rulesfile  a cdb file of tcprules(1), with its order; a client without a rule is let in
        prog...  the program to execute for a client that is let in, and its arguments
        """u8;

    public static bool MayWait => true;

    public static Words CommandBehind(Words words)
    {
        var reader = new OptionReader(words, Declaration);
        TcpAccessOptions options = TcpAccessOptions.Read(ref reader);
        return reader.IsWrong || options.NeedsProcess ? default : options.Next;
    }

    public static Outcome Run(Invocation invocation) => Run(invocation, knownName: default);

    /// <summary>Decides about a client. If <paramref name="knownName"/> isn't empty, the name isn't looked up.</summary>
    internal static Outcome Run(Invocation invocation, ReadOnlySpan<byte> knownName)
    {
        var diagnostics = new Diagnostics(Program, invocation.Messages);
        var reader = new OptionReader(invocation.Words, Declaration);
        TcpAccessOptions options = TcpAccessOptions.Read(ref reader);
        if (reader.IsWrong)
            return diagnostics.Usage(reader);
        if (options.BannerLength > LongestBanner)
            return diagnostics.Fatal(ExitCode.Usage, "banner too long"u8);
        return Farewell.With(invocation, options.Farewell, Run(diagnostics, invocation, options, knownName));
    }

    private static Outcome Run(Diagnostics diagnostics, Invocation invocation, TcpAccessOptions options, ReadOnlySpan<byte> knownName)
    {
        ReadOnlySpan<byte> protocol = TcpConnection.Protocol;
        EnvironmentBlock environment = invocation.Environment;
        if (!options.AsksKernel && !environment.TryGet("PROTO"u8, out protocol))
            return diagnostics.Fatal(ExitCode.Usage, "PROTO not set"u8);
        Outcome outcome = options.AsksKernel
            ? TcpConnection.Describe(ref environment, diagnostics, out TcpConnection connection)
            : TcpConnection.Read(diagnostics, invocation, protocol, out connection);
        invocation = invocation with { Environment = environment };
        if (outcome.Code != ExitCode.Success)
            return outcome;

        Span<byte> buffer = stackalloc byte[Line.BufferSize];
        var named = new Diagnostics(NameWithProcess(buffer, invocation.Messages != null), invocation.Messages);
        var report = new TcpAccessReport(named, options, connection.Remote.Address, invocation.Messages != null, invocation.SaysWhy);
        var decision = new TcpDecision(invocation, options, connection, knownName, named, report);
        var allowance = new Allowance();
        TcpClientFacts facts = default;
        outcome = decision.Make(ref facts, ref allowance);
        if (outcome.Code == ExitCode.Success)
            outcome = LetIn(named, options, invocation, protocol, facts, allowance);
        allowance.Free();
        return outcome;
    }

    /// <summary>The name in front of each message, with the process id, which a server doesn't know yet.</summary>
    private static ReadOnlySpan<byte> NameWithProcess(Span<byte> buffer, bool isUnknown)
    {
        var name = new Line(libc.STDERR_FILENO, buffer);
        name.Add(Program, ": pid "u8);
        TcpAccessReport.AddProcess(ref name, isUnknown);
        return buffer[..name.Text.Length];
    }

    private static Outcome LetIn(
        Diagnostics diagnostics, TcpAccessOptions options, Invocation invocation, ReadOnlySpan<byte> protocol, in TcpClientFacts facts, in Allowance allowance)
    {
        EnvironmentBlock environment = invocation.Environment;
        Allocator memory = invocation.Memory;
        ReadOnlySpan<byte> localName = options.LocalName.IsNull ? facts.Names.Local.Full : Bytes.OfC(options.LocalName);
        Errno error = AllowedProgram.Edit(ref environment, allowance, (nuint)localName.Length, memory);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to update environment"u8);
        environment.SetIf(facts.Ident.IsName, Ucspi.Variable(memory, protocol, "REMOTEINFO"u8), facts.Ident.Text);
        environment.SetIf(!options.LocalName.IsNull || !facts.Names.Local.IsNone, Ucspi.Variable(memory, protocol, "LOCALHOST"u8), localName);
        environment.SetIf(!facts.Names.Remote.IsNone, Ucspi.Variable(memory, protocol, "REMOTEHOST"u8), facts.Names.Remote.Full);
        return AllowedProgram.Become(options.Next, environment, allowance, "-c"u8, memory);
    }
}
