using System;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Dns.Packets;

/// <summary>What a query asks for besides the name and the type.</summary>
[Flags]
internal enum QueryFlags : byte
{
    None = 0,

    /// <summary>RD: the server should find the answer, wherever it is.</summary>
    RecursionDesired = 1,

    /// <summary>AD: the server should tell whether it checked the answer.</summary>
    Authentic = 2,

    /// <summary>With an OPT record (EDNS, RFC 6891): the answer may be large.</summary>
    Extended = 4,
}

/// <summary>Writes queries.</summary>
internal static class QueryWriter
{
    /// <summary>The most bytes of a query.</summary>
    internal const int Longest = PacketHeader.Size + DomainName.Longest + 4 + OptionsSize;

    /// <summary>The largest answer that is asked for with <see cref="QueryFlags.Extended"/>: it fits into one frame of any network (RFC 9715).</summary>
    internal const int LargestAnswer = 1232;

    private const int OptionsSize = 11;

    /// <summary>Writes a query to the start of a buffer of <see cref="Longest"/> bytes.</summary>
    /// <param name="packet">The buffer.</param>
    /// <param name="id">The number that the answer has to repeat.</param>
    /// <param name="name">The name, in wire form.</param>
    /// <param name="type">The type of record.</param>
    /// <param name="flags">The rest.</param>
    /// <param name="letterCase">Which letters change their case: <see cref="MixCase"/>.</param>
    /// <returns>The number of bytes.</returns>
    internal static int Write(Span<byte> packet, ushort id, ReadOnlySpan<byte> name, ushort type, QueryFlags flags, ulong letterCase)
    {
        bool extended = (flags & QueryFlags.Extended) != 0;
        PacketHeader.WriteQuery(
            packet, id, (flags & QueryFlags.RecursionDesired) != 0, (flags & QueryFlags.Authentic) != 0, extended);
        Span<byte> question = packet.Slice(PacketHeader.Size, name.Length + 4);
        name.CopyTo(question);
        MixCase(question[..name.Length], letterCase);
        BigEndian.Write(question.Slice(name.Length, 2), type);
        BigEndian.Write(question.Slice(name.Length + 2, 2), RecordType.ClassInternet);
        int length = PacketHeader.Size + question.Length;
        if (!extended)
            return length;
        // The root, the type, and the size instead of a class; code, version and flags are 0, and there are no options.
        Span<byte> options = packet.Slice(length, OptionsSize);
        options.Clear();
        options[2] = (byte)RecordType.OPT;
        BigEndian.Write(options.Slice(3, 2), LargestAnswer);
        return length + OptionsSize;
    }

    /// <summary>
    /// Changes the case of letters according to the bits of a number, which repeat after 64 bytes. Servers keep the case of a question, and an
    /// attacker who can't see it has to guess it. Doing it twice changes nothing.
    /// </summary>
    internal static void MixCase(Span<byte> name, ulong bits)
    {
        // A length is never a letter: it is at most 63.
        for (int i = 0; i < name.Length; i++)
        {
            if ((name[i] | 0x20) is >= (byte)'a' and <= (byte)'z' && (bits >> i % 64 & 1) != 0)
                name[i] ^= 0x20;
        }
    }
}
