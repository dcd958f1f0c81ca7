using System;

namespace LocalService.Dns.Packets;

/// <summary>
/// Names in packets, whose end may be a pointer to an earlier name (RFC 1035, section 4.1.4). A pointer must lead to a place behind the header and
/// before the labels that it follows, so that there are no cycles. Specification "dns", section 5.
/// </summary>
internal static class CompressedName
{
    private const byte KindOfLabel = 0xC0; // the two bits that mark a pointer
    private const int MostPointers = 127; // no name has more labels than that

    /// <summary>Reads the name at a position.</summary>
    /// <param name="packet">The whole packet.</param>
    /// <param name="position">Where it starts.</param>
    /// <param name="name">Gets the name, uncompressed.</param>
    /// <returns>The position behind it; -1 when the name is malformed.</returns>
    internal static int Read(ReadOnlySpan<byte> packet, int position, ref DomainName name)
    {
        Span<byte> target = name.Buffer;
        int used = 0;
        int start = position; // of the labels that are being read
        int behind = -1;
        for (int pointers = 0; pointers <= MostPointers;)
        {
            if (position >= packet.Length)
                return -1;
            byte length = packet[position];
            if ((length & KindOfLabel) == KindOfLabel)
            {
                if (position + 1 >= packet.Length)
                    return -1;
                int destination = (length & ~KindOfLabel) << 8 | packet[position + 1];
                if (destination < PacketHeader.Size || destination >= start)
                    return -1;
                if (behind < 0)
                    behind = position + 2;
                position = destination;
                start = destination;
                pointers++;
                continue;
            }
            if (length > DomainName.LongestLabel || used + length + 1 > DomainName.Longest || length >= packet.Length - position)
                return -1;
            packet.Slice(position, length + 1).CopyTo(target[used..]);
            used += length + 1;
            position += length + 1;
            if (length == 0)
            {
                name.SetLength(used);
                return behind < 0 ? position : behind;
            }
        }
        return -1;
    }
}
