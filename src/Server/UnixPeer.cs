using System;
using System.Runtime.InteropServices;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;
using LocalService.Rules;
using LocalService.Services;

namespace LocalService.Server;

/// <summary>A client of a Unix domain socket: its ids, which the kernel vouches for, and the path that it is bound to. Specification "server", section 4.</summary>
internal unsafe struct UnixPeer : IPeer<UnixPeer>
{
    // Places of the variables, in the order of AddVariables.
    private const int UserId = 0;
    private const int GroupId = 1;
    private const int Number = 2;
    private const int Path = 3;
    private const int Process = 4;
    private const int Label = 5;
    private const int Total = 6;
    private const int GroupNumber = 7;

    private UnixAddress address;
    private PeerCredentials credentials;

    public static ReadOnlySpan<byte> Daemon => "s6-ipcserverd"u8;
    public static ReadOnlySpan<byte> Protocol => "IPC"u8;
    public static ReadOnlySpan<byte> Accepted => "allow "u8;
    public static ReadOnlySpan<byte> Rejected => "deny "u8;
    public static ReadOnlySpan<byte> BothSignals => "SIGTERM+SIGCONT"u8;
    public static ReadOnlySpan<byte> IdentifyingCall => "getpeereid"u8;
    public static ReadOnlySpan<byte> TotalVariable => "IPCCONNTOTAL"u8;
    public static ReadOnlySpan<byte> GroupVariable => "IPCCONNGROUP"u8;
    public static bool SendsDescriptors => true;
    public static delegate* unmanaged<void*, void*> ThreadStart => &Start;

    public static Result<int> Accept(int listener, out UnixPeer peer)
    {
        peer.credentials = default;
        return UnixAddress.Accept(listener, out peer.address);
    }

    public static void AddVariables(ref ConnectionEnvironment environment, in DaemonOptions options)
    {
        if (options.Lookups)
        {
            environment.AddPlace(UserId, "IPCREMOTEEUID"u8, Numbers.LongestText);
            environment.AddPlace(GroupId, "IPCREMOTEEGID"u8, Numbers.LongestText);
        }
        else
        {
            environment.Unset("IPCREMOTEEUID"u8);
            environment.Unset("IPCREMOTEEGID"u8);
        }
        environment.AddPlace(Number, "IPCCONNNUM"u8, Numbers.LongestText);
        environment.AddPlace(Path, "IPCREMOTEPATH"u8, UnixAddress.LongestPath);
        // Variables that another server may have set belong to another client.
        environment.Unset(Protocol, Ucspi.MoreOfClient);
        if (options.TellsProcess)
            environment.AddPlace(Process, "IPCREMOTEPID"u8, Numbers.LongestText);
        if (options.TellsLabel)
            environment.AddPlace(Label, "IPCREMOTELABEL"u8, PeerLabel.Longest + 1);
        if (options.TellsTotal)
            environment.AddPlace(Total, TotalVariable, Numbers.LongestText);
        if (options.CountsGroups)
            environment.AddPlace(GroupNumber, GroupVariable, Numbers.LongestText);
    }

    public static void AddToEnd(ref Line line, ClientKey key, in DaemonOptions options)
    {
        line.Add(" uid "u8);
        AddId(ref line, (uint)key.Low, options);
    }

    public static void AddLeft(ref Line line, uint left, in DaemonOptions options)
    {
    }

    public Errno Identify(int connection, in DaemonOptions options)
    {
        if (!options.Lookups)
            return default;
        Result<PeerCredentials> known = PeerCredentials.Of(connection);
        if (!known.Failed)
            credentials = known.Value;
        return known.Error;
    }

    public readonly ClientKey Key(in DaemonOptions options) => new(0, credentials.UserId);

    public readonly ClientKey GroupKey => new(1, credentials.GroupId);

    public readonly void WriteVariables(in ConnectionEnvironment environment, in ConnectionNumbers numbers, in DaemonOptions options)
    {
        // Without lookups IPCCONNNUM is set and empty, and so is IPCCONNGROUP.
        if (options.Lookups)
        {
            environment.Write(UserId, credentials.UserId);
            environment.Write(GroupId, credentials.GroupId);
            environment.Write(Number, numbers.Client);
            if (options.CountsGroups)
                environment.Write(GroupNumber, numbers.Group);
        }
        if (options.TellsTotal)
            environment.Write(Total, numbers.Total);
        environment.End(Path, address.CopyPath(environment.Value(Path)));
        // 0 means many processes to kill(2).
        if (options.TellsProcess && credentials.ProcessId > 0)
            environment.Write(Process, (uint)credentials.ProcessId);
        else if (options.TellsProcess)
            environment.End(Process, 0);
    }

    public readonly Errno Tell(
        int connection, in ConnectionEnvironment environment, ref EnvironmentBlock variables, Allocator memory, in DaemonOptions options, out ReadOnlySpan<byte> call)
    {
        call = PeerLabel.Call;
        Errno error = options.TellsLabel ? TellLabel(connection, environment) : default;
        if (error.Failed || !options.TellsGroups)
            return error;
        call = PeerGroups.Call;
        var groups = new PeerGroups();
        error = groups.Ask(connection) && TellGroups(groups, ref variables, memory);
        groups.Free();
        return error;
    }

    public readonly void Describe(ref StatusEntry entry) => entry.SetPeer(StatusEntry.Ids, 0, credentials.UserId, credentials.GroupId);

    public readonly void AddTo(ref Line line, in DaemonOptions options)
    {
        AddId(ref line, credentials.UserId, options);
        line.Add(":"u8);
        AddId(ref line, credentials.GroupId, options);
    }

    private static Errno TellLabel(int connection, in ConnectionEnvironment environment)
    {
        Span<byte> place = environment.Value(Label);
        Result<int> length = PeerLabel.Read(connection, place);
        // A variable can't hold a NUL.
        if (length.Failed || ((ReadOnlySpan<byte>)place)[..length.Value].IndexOf(0) >= 0)
            return length.Failed ? length.Error : new Errno(libc.EILSEQ);
        environment.End(Label, length.Value);
        return default;
    }

    /// <summary>Sets a variable of any length. A variable too long for any program, 128 KiB, makes the start of the program fail.</summary>
    private static Errno TellGroups(in PeerGroups groups, ref EnvironmentBlock variables, Allocator memory)
    {
        ReadOnlySpan<byte> name = "IPCREMOTEGROUPS"u8;
        nuint size = (nuint)(name.Length + 2 + (groups.Count * (Numbers.LongestText + 1)));
        Errno error = memory.Ensure(size + EnvironmentBlock.LargestEditCost(variables.Count, default));
        if (error.Failed)
            return error;
        byte* entry = memory.Allocate(size);
        var text = new Line(-1, new Span<byte>(entry, (int)size));
        text.Add(name, "="u8);
        for (int i = 0; i < groups.Count; i++)
        {
            text.Add(i > 0 ? ","u8 : default);
            text.Add(groups[i]);
        }
        text.Add("\0"u8);
        variables.SetEntry(name, entry);
        return default;
    }

    private static void AddId(ref Line line, uint id, in DaemonOptions options)
    {
        if (options.Lookups)
            line.Add(id);
        else
            line.Add("?"u8);
    }

    [UnmanagedCallersOnly]
    private static void* Start(void* acceptor) => Acceptor<UnixPeer>.Run((Acceptor<UnixPeer>*)acceptor);
}
