using System;
using System.Runtime.InteropServices;
using LocalService.CommandLine;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Services;

/// <summary>
/// The status of a server, in a file that it has mapped: doc/insight.md describes the format for other readers. The server alone writes it, under its
/// lock, by stores into memory: no reader can hold it up. Everything is little-endian, like the processors that it runs on.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct StatusPage
{
    /// <summary>The first eight bytes of a file, and the version of its format.</summary>
    internal static ReadOnlySpan<byte> Magic => "LSSTAT\0\u0001"u8;

    internal const int HeaderSize = 256;
    internal const int NameSize = 24;

    /// <summary>The server runs; otherwise the page shows its last state.</summary>
    internal const uint Running = 1;

    internal ulong MagicNumber;
    internal uint Capacity;
    internal int ProcessId;
    internal ulong ProcessStart; // in ticks since the machine was started, proc(5); 0: unknown
    internal ulong Started; // milliseconds since 1970
    internal fixed byte Name[NameSize];
    internal uint State;
    internal uint MaximumConnections;
    internal ulong Accepted;
    internal ulong RefusedByLimit;
    internal ulong RefusedByGate;
    internal ulong Unidentified;
    internal ulong SpawnErrors;
    internal ulong Exhaustions;
    internal ulong Ended;
    internal uint Live;
    internal uint Peak;
}

/// <summary>A 32-bit word that others read meanwhile: no write of such a word moves in front of an earlier one.</summary>
internal struct StatusWord
{
    internal volatile uint Value;
}

/// <summary>A connection in the file. While the entry is being written its sequence number is odd; afterwards it is a different one.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct StatusEntry
{
    internal const int Size = 64;

    /// <summary>
    /// Values of <see cref="Kind"/>: the peer is described by ids of a user and a group, or an address and a port, IPv4 mapped to IPv6.
    /// </summary>
    internal const uint Ids = 1;
    internal const uint Address = 2;

    internal StatusWord Sequence;
    internal StatusWord Kind; // 0: free
    internal StatusWord ProcessId;
    internal StatusWord Number; // the group, or the port
    internal StatusWord SinceLow; // milliseconds since 1970
    internal StatusWord SinceHigh;
    internal StatusWord HighLow; // the first eight bytes of the address as a number
    internal StatusWord HighHigh;
    internal StatusWord LowLow; // the last eight bytes, or the user
    internal StatusWord LowHigh;
    private StatusWord spare1, spare2, spare3, spare4, spare5, spare6;

    internal readonly ulong High => (ulong)HighHigh.Value << 32 | HighLow.Value;
    internal readonly ulong Low => (ulong)LowHigh.Value << 32 | LowLow.Value;
    internal readonly ulong Since => (ulong)SinceHigh.Value << 32 | SinceLow.Value;

    /// <summary>Fills in the peer.</summary>
    internal void SetPeer(uint kind, ulong high, ulong low, uint number)
    {
        Kind.Value = kind;
        HighLow.Value = (uint)high;
        HighHigh.Value = (uint)(high >> 32);
        LowLow.Value = (uint)low;
        LowHigh.Value = (uint)(low >> 32);
        Number.Value = number;
    }
}
