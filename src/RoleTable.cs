using System;
using LocalService.Access;
using LocalService.Client;
using LocalService.CommandLine;
using LocalService.FdHolder;
using LocalService.Posix;
using LocalService.Privilege;
using LocalService.Server;
using LocalService.Sudo;

namespace LocalService;

/// <summary>The one list of roles.</summary>
internal static class RoleTable
{
    /// <summary>The names without their prefix, each ended by NUL, in the order of <see cref="TryAt"/>.</summary>
    private static ReadOnlySpan<byte> Names =>
        "ipcserver\0"u8 +
        "ipcserver-socketbinder\0"u8 +
        "applyuidgid\0"u8 +
        "ipcserverd\0"u8 +
        "ipcserver-access\0"u8 +
        "accessrules-cdb-from-fs\0"u8 +
        "accessrules-fs-from-cdb\0"u8 +
        "connlimit\0"u8 +
        "ipcclient\0"u8 +
        "ioconnect\0"u8 +
        "sudo\0"u8 +
        "sudoc\0"u8 +
        "sudod\0"u8 +
        "fdholder-daemon\0"u8 +
        "fdholderd\0"u8 +
        "fdholder-store\0"u8 +
        "fdholder-retrieve\0"u8 +
        "fdholder-delete\0"u8 +
        "fdholder-list\0"u8 +
        "fdholder-getdump\0"u8 +
        "fdholder-setdump\0"u8 +
        "fdholder-transferdump\0"u8;

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
            10 => Role.Of<SudoCommand>(),
            11 => Role.Of<SudoClient>(),
            12 => Role.Of<SudoServer>(),
            13 => Role.Of<FdHolderDaemon>(),
            14 => Role.Of<FdHolderServer>(),
            15 => Role.Of<FdHolderStore>(),
            16 => Role.Of<FdHolderRetrieve>(),
            17 => Role.Of<FdHolderDelete>(),
            18 => Role.Of<FdHolderList>(),
            19 => Role.Of<FdHolderGetDump>(),
            20 => Role.Of<FdHolderSetDump>(),
            21 => Role.Of<FdHolderTransferDump>(),
            _ => default,
        };
        return !role.Program.IsEmpty;
    }

    /// <summary>
    /// Finds a role by either of its names, <c>s6-NAME</c> and <c>NAME</c>. Only the role that is found is asked for anything: the code of
    /// the others is not touched, and so takes no memory of a server.
    /// </summary>
    internal static bool TryFind(ReadOnlySpan<byte> name, out Role role)
    {
        if (name.BeginsWith(Role.Prefix))
            name = name[Role.Prefix.Length..];
        ReadOnlySpan<byte> rest = Names;
        for (int i = 0; !rest.IsEmpty; i++)
        {
            int end = rest.IndexOf((byte)0);
            if (name.SameAs(rest[..end]))
                return TryAt(i, out role);
            rest = rest[(end + 1)..];
        }
        role = default;
        return false;
    }
}
