using System;
using LocalService.CommandLine;
using LocalService.Posix;

namespace LocalService.Server;

/// <summary>
/// The environment of the children. It is put together once for each thread; for each connection only the values are written into their
/// places. Specification "server", section 4.4.
/// </summary>
internal unsafe struct ConnectionEnvironment
{
    private EnvironmentBlock environment;
    private readonly byte* userId;
    private readonly byte* groupId;
    private readonly byte* number;
    private readonly byte* path;

    /// <param name="start">The environment of the server.</param>
    /// <param name="lookups">Whether clients are asked for their ids.</param>
    internal ConnectionEnvironment(EnvironmentBlock start, bool lookups)
    {
        environment = start;
        environment.Set("PROTO"u8, "IPC"u8);
        userId = null;
        groupId = null;
        if (lookups)
        {
            userId = AddPlace("IPCREMOTEEUID"u8, Numbers.LongestText);
            groupId = AddPlace("IPCREMOTEEGID"u8, Numbers.LongestText);
        }
        else
        {
            environment.Unset("IPCREMOTEEUID"u8);
            environment.Unset("IPCREMOTEEGID"u8);
        }
        number = AddPlace("IPCCONNNUM"u8, Numbers.LongestText);
        path = AddPlace("IPCREMOTEPATH"u8, UnixAddress.LongestPath);
    }

    /// <summary>The environment for one connection; valid until the next call.</summary>
    /// <param name="client">The ids of the client; they don't matter without lookups.</param>
    /// <param name="connectionNumber">How many connections this user has, this one included (decision 9).</param>
    /// <param name="address">The address of the client.</param>
    /// <param name="memory">Where edits of the environment take what they need.</param>
    internal readonly EnvironmentBlock For(PeerCredentials client, uint connectionNumber, in UnixAddress address, Memory memory)
    {
        // Without lookups IPCCONNNUM is set and empty.
        if (userId != null)
        {
            WriteNumber(userId, client.UserId);
            WriteNumber(groupId, client.GroupId);
            WriteNumber(number, connectionNumber);
        }
        path[address.CopyPath(new Span<byte>(path, UnixAddress.LongestPath))] = 0;
        return new EnvironmentBlock(environment.List, environment.Count, memory);
    }

    /// <summary>Adds a variable that is set and empty, with room for a value.</summary>
    /// <returns>Where the value is to be written.</returns>
    private byte* AddPlace(ReadOnlySpan<byte> name, int longestValue)
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
