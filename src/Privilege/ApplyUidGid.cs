using System;
using LocalService.Accounts;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Privilege;

/// <summary>Changes to the given user, group and supplementary groups, then becomes a program. Specification "server", section 3.</summary>
internal readonly unsafe struct ApplyUidGid : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-applyuidgid"u8;
    public static int ManualSection => 8;
    public static ReadOnlySpan<byte> Summary => "change to the given ids, then execute a program"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -z --clean-environment  remove UID, GID and GIDLIST from the environment
        -u --uid=uid  run as this user, a number or a name; a name sets its groups too; 0, the default: no change
        -g --gid=gid  run with this group, a number or a name; 0, the default: no change
        -G --groups=gidlist  run with these supplementary groups, numbers or names
        -U --ids-from-environment  take the ids from UID, GID and GIDLIST
        prog...  the program to execute, and its arguments
        """u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        EnvironmentBlock environment = invocation.Environment;
        var ids = new WantedIds();
        var requested = new RequestedIds();
        bool cleanEnvironment = false;
        var options = new OptionReader(invocation.Words, Declaration);
        while (options.Next(out char option))
        {
            switch (option)
            {
                case 'z': cleanEnvironment = true; break;
                case 'U':
                    requested = default;
                    Outcome read = ReadEnvironment(environment, diagnostics, ref ids);
                    if (read.Code != ExitCode.Success)
                        return read;
                    break;
                default: requested.Take(option, ref options); break;
            }
        }
        Words program = options.Program();
        if (options.IsWrong)
            return diagnostics.Usage(options);
        ids.Take(requested);
        if (cleanEnvironment)
        {
            environment.Unset("UID"u8);
            environment.Unset("GID"u8);
            environment.Unset("GIDLIST"u8);
        }
        Outcome taken = Take(ids, diagnostics);
        return taken.Code != ExitCode.Success ? taken : Exec.Into(program, environment);
    }

    /// <summary>The ids that the process is to have; 0 and a missing list mean "leave as it is".</summary>
    private struct WantedIds
    {
        internal uint User;
        internal uint Group;
        internal GroupIdList? Groups;

        /// <summary>Applies the options, which override the environment.</summary>
        internal void Take(RequestedIds requested)
        {
            User = requested.User ?? User;
            Group = requested.Group ?? Group;
            Groups = requested.Groups ?? Groups;
        }
    }

    private static Outcome ReadEnvironment(EnvironmentBlock environment, Diagnostics diagnostics, ref WantedIds ids)
    {
        if (!environment.TryGet("UID"u8, out ReadOnlySpan<byte> user))
            return diagnostics.Fatal(ExitCode.Usage, "UID not set"u8);
        if (!Numbers.TryParse(user, out ids.User))
            return diagnostics.Fatal(ExitCode.Usage, "invalid $UID"u8);
        if (!environment.TryGet("GID"u8, out ReadOnlySpan<byte> group))
            return diagnostics.Fatal(ExitCode.Usage, "GID not set"u8);
        if (!Numbers.TryParse(group, out ids.Group))
            return diagnostics.Fatal(ExitCode.Usage, "invalid $GID"u8);
        if (!environment.TryGet("GIDLIST"u8, out ReadOnlySpan<byte> groups))
            return diagnostics.Fatal(ExitCode.Usage, "GIDLIST not set"u8);
        if (!GroupIdList.TryParse(groups, out GroupIdList list))
            return diagnostics.Fatal(ExitCode.Usage, "invalid $GIDLIST"u8);
        ids.Groups = list;
        return Outcome.Exit(ExitCode.Success);
    }

    private static Outcome Take(WantedIds ids, Diagnostics diagnostics)
    {
        Errno error = TakeGroups(ids);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to set supplementary group list"u8);
        error = ids.Group == 0 ? default : PrivilegeDrop.SetGroup(ids.Group);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to setgid"u8);
        if (ids.User == 0)
            return Outcome.Exit(ExitCode.Success);
        error = PrivilegeDrop.SetUser(ids.User);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to setuid"u8);
        error = Capabilities.GiveUpWhatExecTakes();
        return error.Failed ? diagnostics.Fatal(error, "unable to give up capabilities"u8) : Outcome.Exit(ExitCode.Success);
    }

    private static Errno TakeGroups(WantedIds ids)
    {
        if (ids.Groups.HasValue)
            return PrivilegeDrop.SetGroups(GroupFirst(ids.Group != 0 ? ids.Group : libc.getegid(), ids.Groups.GetValueOrDefault().Members));
        if (ids.User == 0)
            return default;
        // Decision 3: a process that becomes another user doesn't keep its old groups.
        ReadOnlySpan<uint> kept = ids.Group == 0 ? default : GroupFirst(ids.Group, default);
        Errno error = PrivilegeDrop.SetGroups(kept);
        return error.Is(libc.EPERM) && PrivilegeDrop.HasNoGroupBesides(kept) ? default : error;
    }

    /// <summary>The list with the given group in front, once.</summary>
    private static ReadOnlySpan<uint> GroupFirst(uint first, ReadOnlySpan<uint> groups)
    {
        uint* list = (uint*)Arena.Allocate(((nuint)groups.Length + 1) * sizeof(uint));
        list[0] = first;
        int count = 1;
        foreach (uint group in groups)
        {
            if (group != first)
                list[count++] = group;
        }
        return new ReadOnlySpan<uint>(list, count);
    }
}
