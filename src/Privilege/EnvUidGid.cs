using System;
using LocalService.Accounts;
using LocalService.CommandLine;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Privilege;

/// <summary>Sets UID, GID and GIDLIST to the ids of an account, then becomes a program.</summary>
internal readonly unsafe struct EnvUidGid : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-envuidgid"u8;
    public static int ManualSection => 8;
    public static ReadOnlySpan<byte> Summary => "set UID, GID and GIDLIST to the ids of an account, then execute a program"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -i --insist  refuse an unknown account; the default
        | -D --default-ids=uid:gid:gidlist  the ids for an unknown account; missing ones are 0
        -u --user  the account is a user, without groups; sets UID alone
        | -g --group  the account is a group; sets GID alone
        | -B --both  the account is USER:GROUP; sets UID and GID
        -n --numbers  an unknown name may be a number
        -N --name-service  ask getent(1) if there is one; by default /etc/passwd and /etc/group are read
        account  the name of the account
        prog...  the program to execute, and its arguments
        """u8;

    private enum Kind : byte
    {
        /// <summary>A user, with its groups.</summary>
        Account,

        /// <summary>A user alone.</summary>
        User,

        /// <summary>A group alone.</summary>
        Group,

        /// <summary>A user, a colon and a group.</summary>
        Both,
    }

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        EnvironmentBlock environment = invocation.Environment;
        AccountIds ids = default;
        bool hasDefaults = false, takesNumbers = false, asksGetEnt = false;
        Kind kind = Kind.Account;
        var options = new OptionReader(invocation.Words, Declaration);
        while (options.Next(out char option))
        {
            switch (option)
            {
                case 'i':
                    hasDefaults = false;
                    ids = default;
                    break;
                case 'D':
                    hasDefaults = true;
                    if (!AccountIds.TryParse(options.Argument, out ids))
                        options.RejectArgument("ids"u8);
                    break;
                case 'u': kind = Kind.User; break;
                case 'g': kind = Kind.Group; break;
                case 'B': kind = Kind.Both; break;
                case 'n': takesNumbers = true; break;
                case 'N': asksGetEnt = true; break;
            }
        }
        ReadOnlySpan<byte> account = options.Operand();
        Words program = options.Program();
        if (options.IsWrong)
            return diagnostics.Usage(options);
        var resolver = new AccountResolver(diagnostics, new AccountSource(asksGetEnt, environment), takesNumbers, hasDefaults, ids);
        Outcome found = kind switch
        {
            Kind.Account => resolver.FindAccount(account),
            Kind.User => resolver.FindUser(account),
            Kind.Group => resolver.FindGroup(account),
            _ => resolver.FindBoth(account),
        };
        if (found.Code != ExitCode.Success)
            return found;
        Set(ref environment, kind, resolver.Ids);
        return Exec.Into(program, environment);
    }

    private static void Set(ref EnvironmentBlock environment, Kind kind, AccountIds ids)
    {
        Span<byte> digits = stackalloc byte[Numbers.LongestText];
        if (kind != Kind.Group)
            environment.Set("UID"u8, Numbers.Decimal(ids.User, digits));
        if (kind != Kind.User)
            environment.Set("GID"u8, Numbers.Decimal(ids.Group, digits));
        if (kind == Kind.Account)
            environment.Set("GIDLIST"u8, Bytes.OfC(ids.Groups.ToCString()));
    }
}
