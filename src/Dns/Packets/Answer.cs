using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Dns.Packets;

/// <summary>
/// The records of a response that answer its question: records of the wanted type, owned by the name in the question or, if that is an alias, by the
/// name at the end of its chain of CNAME records. Specification "dns", B16.
/// </summary>
internal ref struct Answer
{
    private const int MostAliases = 8;

    private readonly ushort type;
    private DomainName owner;
    private PacketReader reader;

    private Answer(ushort type) => this.type = type;

    /// <summary>Whether there is no such record.</summary>
    internal bool IsEmpty { get; private set; }

    /// <summary>Checks the whole response, and finds the name whose records count.</summary>
    /// <returns>
    /// EPROTO when it is malformed, or doesn't have exactly one question; the error of its response code, see <see cref="DnsError"/>.
    /// </returns>
    internal static Errno Open(ReadOnlySpan<byte> packet, ushort type, out Answer answer)
    {
        answer = new Answer(type) { IsEmpty = true };
        if (!PacketReader.TryStart(packet, out PacketReader reader))
            return new Errno(libc.EPROTO);
        if (reader.Header.ResponseCode != 0)
            return DnsError.OfResponseCode(reader.Header.ResponseCode);
        if (reader.Header.Questions != 1 || !reader.TryReadQuestion(ref answer.owner, out _, out _))
            return new Errno(libc.EPROTO);
        PacketReader records = reader;
        answer.reader = records;
        int aliases = 0;
        while (true)
        {
            Errno error = answer.Scan(records, ref aliases, out bool moved);
            if (error.Failed)
                return error;
            // Records may stand in any order: those of the last name may come before the alias that leads to it.
            if (!answer.IsEmpty || !moved)
                return default;
        }
    }

    /// <summary>The next record; false after the last one.</summary>
    internal bool Next(out Record record)
    {
        while (!IsEmpty && reader.Next(out record) == ReadResult.Record && record.Section == Section.Answer)
        {
            if (Counts(record))
                return true;
        }
        record = default;
        return false;
    }

    /// <summary>Goes through all records once, and follows the aliases that come in order.</summary>
    private Errno Scan(PacketReader records, ref int aliases, out bool moved)
    {
        moved = false;
        ReadResult result;
        while ((result = records.Next(out Record record)) == ReadResult.Record)
        {
            if (record.Section != Section.Answer || record.Class != RecordType.ClassInternet)
                continue;
            if (Counts(record))
            {
                IsEmpty = false;
            }
            else if (record.Type == RecordType.CNAME && IsEmpty && aliases < MostAliases && IsOwner(record))
            {
                _ = record.ReadName(0, ref owner);
                aliases++;
                moved = true;
            }
        }
        return result == ReadResult.Malformed ? new Errno(libc.EPROTO) : default;
    }

    private bool Counts(scoped Record record)
    {
        if (record.Class != RecordType.ClassInternet || (record.Type != type && type != RecordType.ANY))
            return false;
        bool usable = record.Type is not (RecordType.A or RecordType.AAAA) || record.TryGetAddress(out _);
        return usable && IsOwner(record);
    }

    private readonly bool IsOwner(scoped Record record)
    {
        DomainName name = default;
        record.ReadOwner(ref name);
        return DomainName.Same(name.Wire, owner.Wire);
    }
}
