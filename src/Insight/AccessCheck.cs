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
/// Tells whether rules let a client in, and why. The gate itself decides, run as a server runs it; then the gate's search runs
/// once more to record the keys that it looks up. Neither costs a gate anything.
/// </summary>
internal readonly unsafe struct AccessCheck : IRole
{
    private const int MostAttempts = 4;

    public static ReadOnlySpan<byte> Program => "s6-access-check"u8;
    public static int ManualSection => 8;
    public static ReadOnlySpan<byte> Summary => "show whether access rules let a client in, and why; or report problems in the rules"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -u --uid=uid  the user of a client over a Unix socket, a number or a name; a name sets its group too
        -g --gid=gid  its group, a number or a name
        -G --groups=gid,gid,...  its supplementary groups, numbers or names; those of a user given by name, or none, by default
        -L --label=label  its security label; by default none, as without a security module
        -a --ip=address  the address of a client over TCP, instead of user and group
        -n --name=name  the name of its address; none by default
        -N --unmapped-ids  accept the id that stands for all users without a mapping in this user namespace
        -j --json  print one JSON object
        -l --lint  report problems in the rules instead, one per line
        -i --rules-directory=rulesdir  the directory of the rules
        | -x --rules-file=rulesfile  the cdb file of the rules
        | -X --tcprules-file=rulesfile  a cdb file of tcprules(1), for a client over TCP
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
            CString path = rest.Pointer(0);
            Result<FileStatus> status = FileStatus.Of(path);
            choices.Rules = !status.Failed && status.Value.IsRegular ? RuleSource.Database(path) : RuleSource.Directory(path);
            rest = rest.From(1);
        }
        if (rest.Count > 0)
            return diagnostics.Fatal(ExitCode.Usage, "unexpected operand: "u8, rest[0]);
        if (choices.Rules.IsNone || (choices.Lints && choices.IsTcpRules))
            return diagnostics.Fatal(ExitCode.Usage, "no rules: give -i or -x"u8);
        if (choices.Lints)
            return new RuleLint(diagnostics, choices.Rules).Run();
        if (choices.HasAddress == (choices.HasUser || choices.HasGroup) || choices.HasUser != choices.HasGroup)
            return diagnostics.Fatal(ExitCode.Usage, "who is the client? Give -u and -g, or -a"u8);
        if ((!choices.Name.IsNull || choices.IsTcpRules) && !choices.HasAddress)
            return diagnostics.Fatal(ExitCode.Usage, "a name, and rules of tcprules, need an address: give -a"u8);
        if (choices.HasAddress && (choices.HasGroups || !choices.Label.IsNull))
            return diagnostics.Fatal(ExitCode.Usage, "groups and a label need a user: give -u and -g"u8);
        return Check(diagnostics, choices, invocation.Environment);
    }

    /// <summary>Asks the gate and repeats its search until both agree: the rules may be replaced in between.</summary>
    private static Outcome Check(Diagnostics diagnostics, in Choices choices, EnvironmentBlock environment)
    {
        var allowance = new Allowance();
        var identity = new PeerIdentity(-1);
        Errno given = identity.Give(choices.Groups.Members, choices.Label.IsNull ? default : Bytes.OfC(choices.Label), !choices.Label.IsNull);
        if (given.Failed)
            return diagnostics.Fatal(given, "unable to keep the groups"u8);
        for (int attempt = 0; attempt < MostAttempts; attempt++)
        {
            var rules = new TracedRules();
            Decision decision = Trace(choices, &identity, ref rules, ref allowance);
            Outcome outcome = AskGate(choices, &identity, environment);
            bool isLetIn = outcome.BecomesProgram;
            // The gate's second look at the rules may give it an error that the search alone doesn't see.
            if (isLetIn == (decision.Verdict == Verdict.Allow) || (!isLetIn && outcome.Code != ExitCode.Refused))
            {
                if (rules.Lack.Failed)
                    return diagnostics.Fatal(rules.Lack, "unable to keep what was looked up"u8);
                if (!isLetIn && outcome.Code != ExitCode.Refused && !decision.Error.Failed)
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
    private static Decision Trace(in Choices choices, PeerIdentity* identity, ref TracedRules rules, ref Allowance allowance)
    {
        allowance.Clear();
        var client = new PeerCredentials(choices.User, choices.Group);
        if (!choices.HasAddress && !choices.UnmappedIdsCount && UnmappedIds.Contains(client))
            return new Decision(Verdict.Unknown);
        Errno error = rules.Open(choices.Rules, choices.IsTcpRules);
        if (error.Failed)
        {
            if (choices.Rules.IsDatabase)
                return new Decision(Verdict.Unopenable, error);
            return error.Is(libc.ENOENT) ? new Decision(Verdict.RulesMissing) : new Decision(error);
        }
        if (!choices.HasAddress)
        {
            var ids = new PeerKeys(client, PeerCredentials.OfThisProcess, identity);
            return RuleSearch.Search(ref ids, ref rules, ref allowance, out _);
        }
        HostName name = default;
        bool hasName = !choices.Name.IsNull && name.TrySet(Bytes.OfC(choices.Name));
        ReadOnlySpan<byte> text = hasName ? name.Text : default;
        fixed (byte* start = text)
        {
            if (choices.IsTcpRules)
                return TraceTcpRules(choices.Address, text, ref rules, ref allowance);
            var addresses = new AddressKeys(choices.Address);
            Decision decision = RuleSearch.Search(ref addresses, ref rules, ref allowance, out int looked);
            if (decision.Verdict != Verdict.NoRule || !hasName)
                return decision;
            var names = new NameKeys(start, text.Length);
            decision = RuleSearch.Search(ref names, ref rules, ref allowance, out _);
            return decision.OfKey(looked + decision.KeyIndex);
        }
    }

    /// <summary>The same in a database of tcprules, where a client without a rule is let in.</summary>
    private static Decision TraceTcpRules(IpAddress address, ReadOnlySpan<byte> name, ref TracedRules rules, ref Allowance allowance)
    {
        var keys = new TcpRulesKeys(IpAddressText.Format(address.WithScope(0), stackalloc byte[IpAddressText.LongestText]), name, default);
        Decision decision = RuleSearch.Search(ref keys, ref rules, ref allowance, out _);
        return decision.Verdict == Verdict.NoRule ? new Decision(Verdict.Allow).OfKey(-1) : decision;
    }

    /// <summary>Runs the gate. It writes a message when the rules can't be read.</summary>
    private static Outcome AskGate(in Choices choices, PeerIdentity* identity, EnvironmentBlock environment)
    {
        var command = new WordList(10);
        command.Add("gate"u8);
        command.Add("-v0"u8);
        // Without a name the gate neither asks DNS nor looks at the connection.
        if (choices.HasAddress ? choices.Name.IsNull : choices.UnmappedIdsCount)
            command.Add(choices.HasAddress ? "-H"u8 : "-n"u8);
        command.Add("-l"u8);
        command.Add(""u8);
        command.Add(choices.IsTcpRules ? "-X"u8 : choices.Rules.IsDatabase ? "-x"u8 : "-i"u8);
        command.Add(choices.Rules.Path);
        command.Add("--"u8);
        command.Add("the program"u8);
        Span<byte> text = stackalloc byte[IpAddressText.LongestText];
        if (!choices.HasAddress)
        {
            environment.Set("PROTO"u8, "IPC"u8);
            environment.Set("IPCREMOTEEUID"u8, Numbers.Decimal(choices.User, text));
            environment.Set("IPCREMOTEEGID"u8, Numbers.Decimal(choices.Group, text));
            return IpcServerAccess.Run(new Invocation(command.Words, environment), identity);
        }
        environment.Set("PROTO"u8, "TCP"u8);
        environment.Set("TCPREMOTEIP"u8, IpAddressText.Format(choices.Address.WithScope(0), text));
        environment.Set("TCPREMOTEPORT"u8, "1"u8);
        environment.Set("TCPLOCALIP"u8, choices.Address.IsV4 ? "127.0.0.1"u8 : "::1"u8);
        environment.Set("TCPLOCALPORT"u8, "1"u8);
        return TcpServerAccess.Run(new Invocation(command.Words, environment), choices.Name.IsNull ? default : Bytes.OfC(choices.Name));
    }

    /// <summary>The values of the options.</summary>
    private struct Choices
    {
        internal uint User;
        internal uint Group;
        internal bool HasUser;
        internal bool HasGroup;
        internal GroupIdList Groups;
        internal bool HasGroups;
        internal CString Label;
        internal bool HasAddress;
        internal IpAddress Address;
        internal CString Name;
        internal bool UnmappedIdsCount;
        internal bool IsJson;
        internal bool Lints;
        internal RuleSource Rules;
        internal bool IsTcpRules;

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
                    if (groups.HasValue && !HasGroups)
                        Groups = groups.GetValueOrDefault();
                    break;
                case 'G':
                    Groups = IdArguments.Groups(ref options);
                    HasGroups = true;
                    break;
                case 'L': Label = options.ArgumentPointer; break;
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
                case 'l': Lints = true; break;
                case 'i': Rules = RuleSource.Directory(options.ArgumentPointer); break;
                case 'x' or 'X': Rules = RuleSource.Database(options.ArgumentPointer); break;
            }
            if (option is 'i' or 'x' or 'X')
                IsTcpRules = option == 'X';
        }
    }
}
