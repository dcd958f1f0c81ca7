using System;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Dns.Packets;

/// <summary>The first 12 bytes of a packet (RFC 1035, section 4.1.1).</summary>
internal readonly struct PacketHeader
{
    /// <summary>Its size in bytes.</summary>
    internal const int Size = 12;

    private const int ResponseBit = 0x8000;
    private const int AuthoritativeBit = 0x400;
    private const int TruncatedBit = 0x200;
    private const int RecursionDesiredBit = 0x100;
    private const int RecursionAvailableBit = 0x80;

    /// <summary>The bit of a query that asks whether the server has checked the answer, AD (RFC 6840, section 5.7).</summary>
    internal const int AuthenticBit = 0x20;

    private readonly int flags;

    /// <summary>Reads the header of a packet of at least <see cref="Size"/> bytes.</summary>
    internal PacketHeader(ReadOnlySpan<byte> packet)
    {
        Id = Number(packet, 0);
        flags = Number(packet, 2);
        Questions = Number(packet, 4);
        Answers = Number(packet, 6);
        Authorities = Number(packet, 8);
        Additionals = Number(packet, 10);
    }

    internal ushort Id { get; }

    /// <summary>How many questions there are.</summary>
    internal ushort Questions { get; }

    /// <summary>How many records the answer section has.</summary>
    internal ushort Answers { get; }

    /// <summary>How many records the authority section has.</summary>
    internal ushort Authorities { get; }

    /// <summary>How many records the additional section has.</summary>
    internal ushort Additionals { get; }

    internal bool IsResponse => (flags & ResponseBit) != 0;

    /// <summary>The kind of question; 0 is a standard one.</summary>
    internal int Opcode => flags >> 11 & 15;

    internal bool IsAuthoritative => (flags & AuthoritativeBit) != 0;

    internal bool IsTruncated => (flags & TruncatedBit) != 0;

    internal bool RecursionDesired => (flags & RecursionDesiredBit) != 0;

    internal bool RecursionAvailable => (flags & RecursionAvailableBit) != 0;

    /// <summary>The three bits behind RA, AD and CD among them.</summary>
    internal int Reserved => flags >> 4 & 7;

    /// <summary>The lower four bits of the response code; the rest is in an OPT record.</summary>
    internal int ResponseCode => flags & 15;

    /// <summary>Writes the header of a query with one question.</summary>
    internal static void WriteQuery(Span<byte> packet, ushort id, bool recursionDesired, bool authentic, bool hasOptions)
    {
        packet[..Size].Clear();
        BigEndian.Write(packet[..2], id);
        BigEndian.Write(packet[2..4], (recursionDesired ? (ulong)RecursionDesiredBit : 0) | (authentic ? (ulong)AuthenticBit : 0));
        packet[5] = 1;
        packet[11] = hasOptions ? (byte)1 : (byte)0;
    }

    private static ushort Number(ReadOnlySpan<byte> packet, int offset) => (ushort)BigEndian.Read(packet.Slice(offset, 2));
}
