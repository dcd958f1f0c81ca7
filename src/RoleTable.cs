using System;
using LocalService.Access;
using LocalService.Client;
using LocalService.CommandLine;
using LocalService.Posix;
using LocalService.Privilege;
using LocalService.Server;

namespace LocalService;

/// <summary>The one list of roles.</summary>
internal static class RoleTable
{
    /// <summary>The role at an index from 0 on; false after the last one.</summary>
    internal static bool TryAt(int index, out Role role)
    {
        role = index switch
        {
            0 => Role.Of<IpcServer>(),
            1 => Role.Of<IpcServerSocketBinder>(),
            2 => Role.Of<ApplyUidGid>(),
            3 => Role.Of<IpcServerDaemon>(),
            4 => Role.OfGate<IpcServerAccess>(),
            5 => Role.Of<AccessRulesCdbFromFs>(),
            6 => Role.Of<AccessRulesFsFromCdb>(),
            7 => Role.OfGate<ConnLimit>(),
            8 => Role.Of<IpcClient>(),
            9 => Role.Of<IoConnect>(),
            _ => default,
        };
        return !role.Program.IsEmpty;
    }

    /// <summary>Finds a role by either of its names, <c>s6-NAME</c> and <c>NAME</c>.</summary>
    internal static bool TryFind(ReadOnlySpan<byte> name, out Role role)
    {
        for (int i = 0; TryAt(i, out role); i++)
        {
            if (name.SameAs(role.Program) || name.SameAs(role.Name))
                return true;
        }
        return false;
    }
}
