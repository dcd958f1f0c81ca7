using System;
using LocalService.CommandLine;
using LocalService.Posix;

namespace LocalService.FdHolder;

/// <summary>
/// Starts the descriptor holder: writes the command line of the chain socketbinder, applyuidgid, fdholderd and becomes its first program.
/// Specification "fdholder", section 2.
/// </summary>
internal readonly unsafe struct FdHolderDaemon : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-fdholder-daemon"u8;
    public static ReadOnlySpan<byte> Usage =>
        "[ -v verbosity ] [ -d | -D ] [ -1 ] [ -c maxconn ] [ -n maxfds ] [ -b backlog ] [ -G gid,gid,... ] [ -g gid ] [ -u uid ] [ -U ] "u8 +
        "[ -t timeout ] [ -T lameducktimeout ] [ -i rulesdir | -x rulesfile ] path"u8;
    public static ReadOnlySpan<byte> Summary => "bind a Unix domain socket and hold descriptors for its clients"u8;

    /// <summary>The most words that the chain has: of the binder 6, of applyuidgid, of fdholderd 14.</summary>
    private const int LongestChain = 6 + PrivilegeOptions.MostWords + 14;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        var choices = new Choices { Verbosity = 1 };
        var options = new OptionParser(invocation.Words, "v:dD1c:n:b:G:g:u:Ut:T:i:x:"u8);
        for (byte option = options.Next(); option != OptionParser.End; option = options.Next())
        {
            bool valid = option is (byte)'i' or (byte)'x'
                ? choices.TakeRules(option, options.ArgumentPointer)
                : choices.TryTake(option, options.Argument);
            if (!valid)
                return diagnostics.Usage(Usage);
        }
        if (options.Rest.Count == 0)
            return diagnostics.Usage(Usage);
        if (choices.Rules == null)
            return diagnostics.Fatal(ExitCode.Usage, FdHolderServer.NoRules);
        return Exec.Into(Chain(choices, options.Rest.Pointer(0)), invocation.Environment);
    }

    private struct Choices
    {
        internal uint Verbosity;
        internal bool BindOnly;
        internal bool NotifyReadiness;
        internal uint? MaximumConnections;
        internal uint? MaximumDescriptors;
        internal uint? Backlog;
        internal uint ClientMilliseconds;
        internal uint LameDuckMilliseconds;
        internal PrivilegeOptions Privileges;
        internal byte* Rules;
        internal bool RulesAreDatabase;

        internal bool TakeRules(byte option, byte* path)
        {
            Rules = path;
            RulesAreDatabase = option == (byte)'x';
            return true;
        }

        internal bool TryTake(byte option, ReadOnlySpan<byte> argument)
        {
            switch (option)
            {
                case (byte)'v': return Numbers.TryParse(argument, out Verbosity);
                case (byte)'d': BindOnly = false; return true;
                case (byte)'D': BindOnly = true; return true;
                case (byte)'1': NotifyReadiness = true; return true;
                case (byte)'c': return TryTakeNumber(argument, 1, out MaximumConnections);
                case (byte)'n': return TryTakeNumber(argument, 1, out MaximumDescriptors);
                case (byte)'b': return TryTakeNumber(argument, 0, out Backlog);
                case (byte)'t': return Numbers.TryParse(argument, out ClientMilliseconds);
                case (byte)'T': return Numbers.TryParse(argument, out LameDuckMilliseconds);
                default: return Privileges.TryTake(option, argument);
            }
        }

        private static bool TryTakeNumber(ReadOnlySpan<byte> argument, uint least, out uint? number)
        {
            bool valid = Numbers.TryParse(argument, out uint given);
            number = given < least ? least : given;
            return valid;
        }
    }

    private static WordList Chain(in Choices choices, byte* path)
    {
        var chain = new WordList(LongestChain);
        chain.AddRole("s6-ipcserver-socketbinder"u8);
        if (choices.BindOnly)
            chain.Add("-D"u8);
        AddNumber(ref chain, "-b"u8, choices.Backlog);
        chain.Add("--"u8);
        chain.Add(path);
        choices.Privileges.AddTo(ref chain);
        chain.AddRole("s6-fdholderd"u8);
        if (choices.Verbosity != 1)
            chain.Add("-v"u8, choices.Verbosity);
        if (choices.NotifyReadiness)
            chain.Add("-1"u8);
        AddNumber(ref chain, "-c"u8, choices.MaximumConnections);
        AddNumber(ref chain, "-n"u8, choices.MaximumDescriptors);
        if (choices.ClientMilliseconds > 0)
            chain.Add("-t"u8, choices.ClientMilliseconds);
        if (choices.LameDuckMilliseconds > 0)
            chain.Add("-T"u8, choices.LameDuckMilliseconds);
        chain.Add(choices.RulesAreDatabase ? "-x"u8 : "-i"u8);
        chain.Add(choices.Rules);
        return chain;
    }

    private static void AddNumber(ref WordList chain, ReadOnlySpan<byte> option, uint? number)
    {
        if (number.HasValue)
            chain.Add(option, number.GetValueOrDefault());
    }
}
