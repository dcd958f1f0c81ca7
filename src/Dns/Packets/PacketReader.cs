using System;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Dns.Packets;

/// <summary>What comes next in a packet.</summary>
internal enum ReadResult : byte
{
    /// <summary>A record.</summary>
    Record,

    /// <summary>Nothing: the packet had everything that its header announced. Ignores what follows.</summary>
    End,

    /// <summary>The packet is malformed.</summary>
    Malformed,
}

/// <summary>
/// Reads an untrusted packet from front to back: looks at no byte outside of it, and allocates nothing. A packet is malformed when any part of it
/// breaks the rules of specification "dns", section 5: names, lengths, data of the known types.
/// </summary>
internal ref struct PacketReader
{
    /// <summary>The bytes between the owner and the data of a record: type, class, time to live, length.</summary>
    internal const int FieldsSize = 10;

    private const int QuestionFieldsSize = 4;

    private readonly ReadOnlySpan<byte> packet;
    private int position = PacketHeader.Size;
    private int read; // of the records
    private bool hasOptions;

    private PacketReader(ReadOnlySpan<byte> packet)
    {
        this.packet = packet;
        Header = new PacketHeader(packet);
    }

    internal PacketHeader Header { get; }

    /// <summary>
    /// The response code with the bits that an OPT record adds to it (RFC 6891, section 6.1.3), once that has been read.
    /// </summary>
    internal int ResponseCode { get; private set; }

    /// <summary>Starts to read. False when the packet has no whole header.</summary>
    internal static bool TryStart(ReadOnlySpan<byte> packet, out PacketReader reader)
    {
        reader = default;
        if (packet.Length < PacketHeader.Size)
            return false;
        reader = new PacketReader(packet);
        reader.ResponseCode = reader.Header.ResponseCode;
        return true;
    }

    /// <summary>Reads a question; all of them come before the first record.</summary>
    /// <returns>False when it is malformed.</returns>
    internal bool TryReadQuestion(ref DomainName name, out ushort type, out ushort @class)
    {
        type = 0;
        @class = 0;
        int end = CompressedName.Read(packet, position, ref name);
        if (end < 0 || packet.Length - end < QuestionFieldsSize)
            return false;
        type = (ushort)BigEndian.Read(packet.Slice(end, 2));
        @class = (ushort)BigEndian.Read(packet.Slice(end + 2, 2));
        position = end + QuestionFieldsSize;
        return true;
    }

    /// <summary>Skips all questions. False when one is malformed.</summary>
    internal bool TrySkipQuestions()
    {
        DomainName name = default;
        bool sound = true;
        for (int i = 0; i < Header.Questions && sound; i++)
            sound = TryReadQuestion(ref name, out _, out _);
        return sound;
    }

    /// <summary>Reads the next record.</summary>
    internal ReadResult Next(out Record record)
    {
        record = default;
        int authorities = Header.Answers;
        int additionals = authorities + Header.Authorities;
        if (read == additionals + Header.Additionals)
            return ReadResult.End;
        Section section = read < authorities ? Section.Answer : read < additionals ? Section.Authority : Section.Additional;
        DomainName name = default;
        int fields = CompressedName.Read(packet, position, ref name);
        if (fields < 0 || packet.Length - fields < FieldsSize)
            return ReadResult.Malformed;
        int length = (int)BigEndian.Read(packet.Slice(fields + FieldsSize - 2, 2));
        int data = fields + FieldsSize;
        if (length > packet.Length - data)
            return ReadResult.Malformed;
        record = new Record(packet, section, position, fields, length);
        position = data + length;
        read++;
        bool sound = record.Type == RecordType.OPT
            ? TakeOptions(record, name)
            : record.Class != RecordType.ClassInternet || RecordData.IsSound(record);
        return sound ? ReadResult.Record : ReadResult.Malformed;
    }

    /// <summary>An OPT record belongs to the root, stands in the additional section, and is alone.</summary>
    private bool TakeOptions(scoped Record record, in DomainName owner)
    {
        bool sound = owner.IsRoot && record.Section == Section.Additional && !hasOptions;
        hasOptions = true;
        ResponseCode |= (int)(record.TimeToLive >> 24) << 4;
        return sound;
    }
}
