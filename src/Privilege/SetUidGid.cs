using System;
using LocalService.Accounts;
using LocalService.CommandLine;
using LocalService.Memory;

namespace LocalService.Privilege;

/// <summary>
/// Becomes a program of another user: composes the command line of the chain envuidgid, applyuidgid, or of applyuidgid alone for
/// <c>USER:GROUP</c>, and becomes its first program. The empty account means no change.
/// </summary>
internal readonly struct SetUidGid : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-setuidgid"u8;
    public static int ManualSection => 8;
    public static ReadOnlySpan<byte> Summary => "become a user, with its groups, then execute a program"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        account  the name of the user; or USER:GROUP, each a name or a number, without other groups; or the empty word for no change
        prog...  the program to execute, and its arguments
        """u8;

    /// <summary>The most words in front of the program.</summary>
    private const int LongestChain = 8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        var options = new OptionReader(invocation.Words, Declaration);
        ReadOnlySpan<byte> account = options.Operand();
        Words program = options.Program();
        if (options.IsWrong)
            return diagnostics.Usage(options);
        if (account.IsEmpty)
            return Exec.Into(program, invocation.Environment);
        var chain = new WordList(LongestChain + program.Count);
        if (account.IndexOf((byte)':') < 0)
            AddAccount(ref chain, account);
        else
            AddUserAndGroup(ref chain, account);
        chain.Add("--"u8);
        chain.Add(program);
        return Exec.Into(chain, invocation.Environment);
    }

    private static void AddAccount(ref WordList chain, ReadOnlySpan<byte> account)
    {
        chain.AddRole("s6-envuidgid"u8);
        chain.Add("--"u8);
        chain.Add(account);
        chain.AddRole("s6-applyuidgid"u8);
        chain.Add("-Uz"u8);
    }

    private static void AddUserAndGroup(ref WordList chain, ReadOnlySpan<byte> account)
    {
        ReadOnlySpan<byte> user = AccountIds.UntilColon(ref account);
        chain.AddRole("s6-applyuidgid"u8);
        chain.Add("-u"u8);
        chain.Add(user);
        chain.Add("-g"u8);
        chain.Add(account);
        chain.Add("-G"u8);
        chain.Add(""u8);
    }
}
