using System;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Dns.Packets;

/// <summary>The part of a packet that a record stands in.</summary>
internal enum Section : byte
{
    Answer,
    Authority,
    Additional,
}

/// <summary>A record of a packet that <see cref="PacketReader"/> has checked. Names in it may point to other parts of the packet.</summary>
internal readonly ref struct Record
{
    private readonly ReadOnlySpan<byte> packet;
    private readonly int owner;
    private readonly int dataOffset;
    private readonly int dataLength;

    internal Record(ReadOnlySpan<byte> packet, Section section, int owner, int fields, int dataLength)
    {
        this.packet = packet;
        this.owner = owner;
        this.dataLength = dataLength;
        dataOffset = fields + PacketReader.FieldsSize;
        Section = section;
        Type = (ushort)BigEndian.Read(packet.Slice(fields, 2));
        Class = (ushort)BigEndian.Read(packet.Slice(fields + 2, 2));
        TimeToLive = (uint)BigEndian.Read(packet.Slice(fields + 4, 4));
    }

    internal Section Section { get; }

    internal ushort Type { get; }

    internal ushort Class { get; }

    /// <summary>How long it may be kept, in seconds.</summary>
    internal uint TimeToLive { get; }

    internal ReadOnlySpan<byte> Data => packet.Slice(dataOffset, dataLength);

    /// <summary>Reads the name of the owner.</summary>
    internal void ReadOwner(ref DomainName name) => _ = CompressedName.Read(packet, owner, ref name);

    /// <summary>Reads a name in the data.</summary>
    /// <param name="offset">Where it begins in the data.</param>
    /// <param name="name">Gets the name.</param>
    /// <returns>The offset behind it; -1 when there is none, or it doesn't end within the data.</returns>
    internal int ReadName(int offset, ref DomainName name)
    {
        int end = CompressedName.Read(packet, dataOffset + offset, ref name) - dataOffset;
        return end > 0 && end <= dataLength ? end : -1;
    }

    /// <summary>Reads a number in the data.</summary>
    internal ulong ReadNumber(int offset, int size) => BigEndian.Read(Data.Slice(offset, size));

    /// <summary>The address of an A or AAAA record; false when the data have the wrong length.</summary>
    internal bool TryGetAddress(out IpAddress address)
    {
        bool read = IpAddress.TryRead(Data, out address);
        return read && (Type == RecordType.A ? address.IsV4 : Type == RecordType.AAAA && !address.IsV4);
    }
}
