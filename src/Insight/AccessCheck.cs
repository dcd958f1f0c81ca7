using System;
using LocalService.Access;
using LocalService.Accounts;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;
using LocalService.Rules;
using LocalService.Tcp;
using LocalService.Tcp.Access;

namespace LocalService.Insight;

/// <summary>
/// Says whether rules let a client in, and why. The decision is that of the gate itself, which is run as a server runs it; the search of the gate
/// is made once more to see which keys it looks up. Neither costs a gate anything.
/// </summary>
internal readonly unsafe struct AccessCheck : IRole
{
    private const int MostAttempts = 4;

    public static ReadOnlySpan<byte> Program => "s6-access-check"u8;
    public static int ManualSection => 8;
    public static ReadOnlySpan<byte> Summary => "say whether access rules let a client in, and why; or what is wrong with the rules"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -u --uid=uid  the user of a client over a Unix socket, a number or a name; a name brings its group along
        -g --gid=gid  its group, a number or a name
        -a --ip=address  the address of a client over TCP, instead of user and group
        -n --name=name  the name that its address has; without it there is none
        -N --unmapped-ids  let an id count that stands for all users without a mapping in this user namespace
        -j --json  print one object of JSON
        -L --lint  report what is wrong with the rules instead, a line each
        -i --rules-directory=rulesdir  the directory of the rules
        | -x --rules-file=rulesfile  the cdb file of the rules
        [ rules ]  with --lint: the rules, a directory or a cdb file, instead of -i and -x
        """u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        var choices = new Choices();
        var options = new OptionReader(invocation.Words, Declaration);
        while (options.Next(out char option))
            choices.Take(option, ref options);
        if (options.IsWrong)
            return diagnostics.Usage(options);
        Words rest = options.Rest;
        if (choices.Lints && choices.Rules.IsNone && rest.Count > 0)
        {
            byte* path = rest.Pointer(0);
            Result<FileStatus> status = FileStatus.Of(path);
            choices.Rules = !status.Failed && status.Value.IsRegular ? RuleSource.Database(path) : RuleSource.Directory(path);
            rest = rest.From(1);
        }
        if (rest.Count > 0)
            return diagnostics.Fatal(ExitCode.Usage, "unexpected operand: "u8, rest[0]);
        if (choices.Rules.IsNone)
            return diagnostics.Fatal(ExitCode.Usage, "no rules: give -i or -x"u8);
        if (choices.Lints)
            return new RuleLint(diagnostics, choices.Rules).Run();
        if (choices.HasAddress == (choices.HasUser || choices.HasGroup) || choices.HasUser != choices.HasGroup)
            return diagnostics.Fatal(ExitCode.Usage, "who is the client? Give -u and -g, or -a"u8);
        if (choices.Name != null && !choices.HasAddress)
            return diagnostics.Fatal(ExitCode.Usage, "a name needs an address: give -a"u8);
        return Check(diagnostics, choices, invocation.Environment);
    }

    /// <summary>Asks the gate, and makes its search, until both say the same: rules may be replaced in between.</summary>
    private static Outcome Check(Diagnostics diagnostics, in Choices choices, EnvironmentBlock environment)
    {
        var allowance = new Allowance();
        for (int attempt = 0; attempt < MostAttempts; attempt++)
        {
            var rules = new TracedRules();
            Decision decision = Trace(choices, ref rules, ref allowance);
            Outcome outcome = AskGate(choices, environment);
            bool isLetIn = outcome.BecomesProgram;
            // What the gate looks at a second time may show it an error that the search alone doesn't.
            if (isLetIn == (decision.Verdict == Verdict.Allow) || (!isLetIn && outcome.Code != ExitCode.Refused))
            {
                if (rules.Lack.Failed)
                    return diagnostics.Fatal(rules.Lack, "unable to keep what was looked up"u8);
                if (!isLetIn && outcome.Code != ExitCode.Refused && decision.Verdict is not (Verdict.Unreadable or Verdict.Unopenable))
                    decision = new Decision(outcome.Error.Failed ? outcome.Error : new Errno(libc.EINVAL));
                int exitCode = isLetIn ? ExitCode.Success : outcome.Code == ExitCode.Refused ? ExitCode.Refused : ExitCode.System;
                Errno error = new CheckReport(choices.Rules, choices.IsJson).Write(decision, rules.Looked, allowance, outcome);
                return error.Failed ? diagnostics.Fatal(error, "unable to write to standard output"u8) : Outcome.Exit(exitCode);
            }
            rules.Close();
        }
        return diagnostics.Fatal(new Errno(libc.EBUSY), "unable to check rules that change all the time: "u8, Bytes.OfC(choices.Rules.Path));
    }

    /// <summary>The search of a gate, with its keys.</summary>
    private static Decision Trace(in Choices choices, ref TracedRules rules, ref Allowance allowance)
    {
        allowance.Clear();
        var client = new PeerCredentials(choices.User, choices.Group);
        if (!choices.HasAddress && !choices.UnmappedIdsCount && UnmappedIds.Contains(client))
            return new Decision(Verdict.Unknown);
        Errno error = rules.Open(choices.Rules);
        if (error.Failed)
        {
            if (choices.Rules.IsDatabase)
                return new Decision(Verdict.Unopenable, error);
            return error.Is(libc.ENOENT) ? new Decision(Verdict.RulesMissing) : new Decision(error);
        }
        if (!choices.HasAddress)
        {
            var ids = new PeerKeys(client, PeerCredentials.OfThisProcess);
            return RuleSearch.Search(ref ids, ref rules, ref allowance, out _);
        }
        var addresses = new AddressKeys(choices.Address);
        Decision decision = RuleSearch.Search(ref addresses, ref rules, ref allowance, out _);
        HostName name = default;
        if (decision.Verdict != Verdict.NoRule || choices.Name == null || !name.TrySet(Bytes.OfC(choices.Name)))
            return decision;
        ReadOnlySpan<byte> text = name.Text;
        fixed (byte* start = text)
        {
            var names = new NameKeys(start, text.Length);
            return RuleSearch.Search(ref names, ref rules, ref allowance, out _);
        }
    }

    /// <summary>Runs the gate. It writes a message when the rules can't be read.</summary>
    private static Outcome AskGate(in Choices choices, EnvironmentBlock environment)
    {
        var command = new WordList(10);
        command.Add("gate"u8);
        command.Add("-v0"u8);
        // Without names neither DNS is asked nor the connection looked at.
        if (choices.HasAddress ? choices.Name == null : choices.UnmappedIdsCount)
            command.Add(choices.HasAddress ? "-H"u8 : "-n"u8);
        command.Add("-l"u8);
        command.Add(""u8);
        command.Add(choices.Rules.IsDatabase ? "-x"u8 : "-i"u8);
        command.Add(choices.Rules.Path);
        command.Add("--"u8);
        command.Add("the program"u8);
        Span<byte> text = stackalloc byte[IpAddressText.LongestText];
        if (!choices.HasAddress)
        {
            environment.Set("PROTO"u8, "IPC"u8);
            environment.Set("IPCREMOTEEUID"u8, Numbers.Decimal(choices.User, text));
            environment.Set("IPCREMOTEEGID"u8, Numbers.Decimal(choices.Group, text));
            return IpcServerAccess.Run(new Invocation(command.Words, environment));
        }
        environment.Set("PROTO"u8, "TCP"u8);
        environment.Set("TCPREMOTEIP"u8, IpAddressText.Format(choices.Address.WithScope(0), text));
        environment.Set("TCPREMOTEPORT"u8, "1"u8);
        environment.Set("TCPLOCALIP"u8, choices.Address.IsV4 ? "127.0.0.1"u8 : "::1"u8);
        environment.Set("TCPLOCALPORT"u8, "1"u8);
        return TcpServerAccess.Run(new Invocation(command.Words, environment), choices.Name == null ? default : Bytes.OfC(choices.Name));
    }

    /// <summary>What the options say.</summary>
    private struct Choices
    {
        internal uint User;
        internal uint Group;
        internal bool HasUser;
        internal bool HasGroup;
        internal bool HasAddress;
        internal IpAddress Address;
        internal byte* Name;
        internal bool UnmappedIdsCount;
        internal bool IsJson;
        internal bool Lints;
        internal RuleSource Rules;

        internal void Take(char option, ref OptionReader options)
        {
            switch (option)
            {
                case 'u':
                    User user = IdArguments.User(ref options, out GroupIdList? groups);
                    User = user.Id;
                    HasUser = true;
                    if (groups.HasValue && !HasGroup)
                    {
                        Group = user.Group;
                        HasGroup = true;
                    }
                    break;
                case 'g':
                    Group = IdArguments.Group(ref options);
                    HasGroup = true;
                    break;
                case 'a':
                    HasAddress = true;
                    if (!IpAddressText.TryParseScoped(options.Argument, out Address))
                        options.RejectArgument("address"u8);
                    Address = Address.Unmapped;
                    break;
                case 'n': Name = options.ArgumentPointer; break;
                case 'N': UnmappedIdsCount = true; break;
                case 'j': IsJson = true; break;
                case 'L': Lints = true; break;
                case 'i': Rules = RuleSource.Directory(options.ArgumentPointer); break;
                case 'x': Rules = RuleSource.Database(options.ArgumentPointer); break;
            }
        }
    }
}
