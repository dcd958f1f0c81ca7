using System;
using LocalService.Dns.Packets;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Dns.Resolving;

/// <summary>Whether a packet is the answer to a question that was sent.</summary>
internal enum ResponseMatch : byte
{
    /// <summary>It isn't the answer, whoever sent it.</summary>
    Other,

    /// <summary>It would be, but the letters of the name have another case: the server doesn't keep it, or the sender guesses.</summary>
    OtherCase,

    /// <summary>It reports an error and doesn't repeat the question: servers that didn't understand the question answer so.</summary>
    WithoutQuestion,

    /// <summary>It is the answer.</summary>
    Same,
}

/// <summary>Recognizes answers. Specification "dns", section 2.3, with B6 and B27.</summary>
internal static class Response
{
    /// <summary>Compares a packet with the question that was sent.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="id">The id of the question.</param>
    /// <param name="name">The name in wire form, its letters in the case in which they were sent.</param>
    /// <param name="type">The type.</param>
    internal static ResponseMatch Match(ReadOnlySpan<byte> packet, ushort id, ReadOnlySpan<byte> name, ushort type)
    {
        if (packet.Length < PacketHeader.Size)
            return ResponseMatch.Other;
        var header = new PacketHeader(packet);
        if (header.Id != id || !header.IsResponse || header.Opcode != 0)
            return ResponseMatch.Other;
        if (header.Questions == 0 && IsOfServer(header.ResponseCode))
            return ResponseMatch.WithoutQuestion;
        // The first name of a packet has nothing to point to.
        int fields = PacketHeader.Size + name.Length;
        if (header.Questions != 1 || packet.Length < fields + 4)
            return ResponseMatch.Other;
        ReadOnlySpan<byte> question = packet[PacketHeader.Size..fields];
        bool same = DomainName.Same(question, name)
            && BigEndian.Read(packet.Slice(fields, 2)) == type
            && BigEndian.Read(packet.Slice(fields + 2, 2)) == RecordType.ClassInternet;
        if (!same)
            return ResponseMatch.Other;
        return question.SequenceEqual(name) ? ResponseMatch.Same : ResponseMatch.OtherCase;
    }

    // What a server says that couldn't read the question. Whatever is about the name only somebody who knows the name may tell.
    private static bool IsOfServer(int code) =>
        code is ResponseCode.FormatError or ResponseCode.ServerFailure or ResponseCode.NotImplemented or ResponseCode.Refused;

    /// <summary>The response code with what an OPT record adds to it; as far as the packet can be read.</summary>
    internal static int CodeOf(ReadOnlySpan<byte> packet)
    {
        if (!PacketReader.TryStart(packet, out PacketReader reader))
            return 0;
        // Only a packet without an answer can carry such a code: a packet with an answer needn't be read for it.
        if (reader.Header.Answers > 0 || reader.Header.Additionals == 0 || !reader.TrySkipQuestions())
            return reader.ResponseCode;
        while (reader.Next(out _) == ReadResult.Record)
        {
        }
        return reader.ResponseCode;
    }
}
