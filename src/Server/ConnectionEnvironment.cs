using System;
using LocalService.CommandLine;
using LocalService.Posix;

namespace LocalService.Server;

/// <summary>
/// The environment of the children. It is put together once; for each connection only the values are written into their places.
/// Specification "server", section 4.4.
/// </summary>
internal readonly unsafe struct ConnectionEnvironment
{
    private readonly EnvironmentBlock environment;
    private readonly byte* userId;
    private readonly byte* groupId;
    private readonly byte* number;
    private readonly byte* path;
    private readonly bool lookups;

    internal ConnectionEnvironment(EnvironmentBlock start, bool lookups)
    {
        environment = start;
        this.lookups = lookups;
        environment.Set("PROTO"u8, "IPC"u8);
        userId = null;
        groupId = null;
        if (lookups)
        {
            userId = AddPlace(ref environment, "IPCREMOTEEUID"u8, Numbers.LongestText);
            groupId = AddPlace(ref environment, "IPCREMOTEEGID"u8, Numbers.LongestText);
        }
        else
        {
            environment.Unset("IPCREMOTEEUID"u8);
            environment.Unset("IPCREMOTEEGID"u8);
        }
        number = AddPlace(ref environment, "IPCCONNNUM"u8, Numbers.LongestText);
        path = AddPlace(ref environment, "IPCREMOTEPATH"u8, UnixAddress.LongestPath);
    }

    /// <summary>The environment for one connection; valid until the next call.</summary>
    /// <param name="client">The ids of the client; they don't matter without lookups.</param>
    /// <param name="connectionNumber">How many connections this user has, this one included (decision 9).</param>
    /// <param name="address">The address of the client.</param>
    internal byte** For(PeerCredentials client, uint connectionNumber, in UnixAddress address)
    {
        if (lookups)
        {
            WriteNumber(userId, client.UserId);
            WriteNumber(groupId, client.GroupId);
            WriteNumber(number, connectionNumber);
        }
        path[address.CopyPath(new Span<byte>(path, UnixAddress.LongestPath))] = 0;
        return environment.List;
    }

    /// <summary>Adds a variable that is set and empty, with room for a value.</summary>
    /// <returns>Where the value is to be written.</returns>
    private static byte* AddPlace(ref EnvironmentBlock environment, ReadOnlySpan<byte> name, int longestValue)
    {
        byte* entry = Arena.Allocate((nuint)(name.Length + 1 + longestValue + 1));
        name.CopyTo(new Span<byte>(entry, name.Length));
        entry[name.Length] = (byte)'=';
        environment.SetEntry(name, entry);
        return entry + name.Length + 1;
    }

    private static void WriteNumber(byte* place, uint value)
    {
        ReadOnlySpan<byte> digits = Numbers.Decimal(value, stackalloc byte[Numbers.LongestText]);
        digits.CopyTo(new Span<byte>(place, digits.Length));
        place[digits.Length] = 0;
    }
}
