using System;
using LocalService.Dns.Packets;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Dns.Lookups;

/// <summary>A whole packet as text: its size and header in a line, then a line for each question and record. Specification "dns", section 4.1.</summary>
internal static class PacketText
{
    /// <summary>Adds a packet.</summary>
    /// <param name="text">The output.</param>
    /// <param name="packet">The packet.</param>
    /// <param name="recursive">Whether recursion was asked for: the bits that say so are expected then, and odd otherwise.</param>
    /// <returns>EPROTO when it is malformed; the text then has what could be read, and its last line is ended.</returns>
    internal static Errno Add(ref OutputText text, ReadOnlySpan<byte> packet, bool recursive)
    {
        if (!PacketReader.TryStart(packet, out PacketReader reader))
            return new Errno(libc.EPROTO);
        AddHeader(ref text, reader.Header, packet.Length, recursive);
        DomainName name = default;
        for (int i = 0; i < reader.Header.Questions; i++)
        {
            if (!reader.TryReadQuestion(ref name, out ushort type, out ushort @class))
                return new Errno(libc.EPROTO);
            AddQuestion(ref text, name, type, @class);
        }
        ReadResult result;
        while ((result = reader.Next(out Record record)) == ReadResult.Record)
            AddRecord(ref text, record);
        return result == ReadResult.Malformed ? new Errno(libc.EPROTO) : default;
    }

    private static void AddHeader(ref OutputText text, PacketHeader header, int size, bool recursive)
    {
        text.Add((ulong)size);
        text.Add(" bytes, "u8);
        text.Add(header.Questions);
        text.Add("+"u8);
        text.Add(header.Answers);
        text.Add("+"u8);
        text.Add(header.Authorities);
        text.Add("+"u8);
        text.Add(header.Additionals);
        text.Add(" records"u8);
        AddIf(ref text, header.IsResponse, ", response"u8);
        AddOdd(ref text, ", weird op"u8, header.Opcode);
        AddIf(ref text, header.IsAuthoritative, ", authoritative"u8);
        AddIf(ref text, header.IsTruncated, ", truncated"u8);
        AddIf(ref text, header.RecursionDesired, recursive ? ", rd"u8 : ", weird rd"u8);
        AddIf(ref text, header.RecursionAvailable, recursive ? ", ra"u8 : ", weird ra"u8);
        ReadOnlySpan<byte> code = header.ResponseCode switch
        {
            0 => ", noerror"u8,
            1 => ", fmterror"u8,
            2 => ", servfail"u8,
            3 => ", nxdomain"u8,
            4 => ", notimpl"u8,
            5 => ", refused"u8,
            _ => default,
        };
        text.Add(code);
        AddOdd(ref text, ", weird rcode"u8, code.IsEmpty ? header.ResponseCode : 0);
        AddOdd(ref text, ", weird z"u8, header.Reserved);
        text.Add("\n"u8);
    }

    private static void AddQuestion(ref OutputText text, in DomainName name, ushort type, ushort @class)
    {
        text.Add("query: "u8);
        if (@class == RecordType.ClassInternet)
        {
            text.Add(type);
            text.Add(" "u8);
            text.Add(name);
        }
        else
        {
            AddOddClass(ref text, @class, "query"u8);
        }
        text.Add("\n"u8);
    }

    private static void AddRecord(ref OutputText text, Record record)
    {
        text.Add(record.Section switch
        {
            Section.Answer => "answer: "u8,
            Section.Authority => "authority: "u8,
            _ => "additional: "u8,
        });
        if (record.Class == RecordType.ClassInternet)
        {
            DomainName owner = default;
            record.ReadOwner(ref owner);
            text.Add(owner);
            text.Add(" "u8);
            text.Add(record.TimeToLive);
            text.Add(" "u8);
            RecordText.AddType(ref text, record.Type);
            text.Add(" "u8);
            RecordText.Add(ref text, record);
        }
        else
        {
            AddOddClass(ref text, record.Class, "record"u8);
        }
        text.Add("\n"u8);
    }

    private static void AddOddClass(ref OutputText text, ushort @class, ReadOnlySpan<byte> what)
    {
        text.Add("weird class ("u8);
        text.Add(@class);
        text.Add("), not attempting to analyze "u8);
        text.Add(what);
    }

    private static void AddIf(ref OutputText text, bool condition, ReadOnlySpan<byte> word)
    {
        if (condition)
            text.Add(word);
    }

    private static void AddOdd(ref OutputText text, ReadOnlySpan<byte> word, int value)
    {
        if (value == 0)
            return;
        text.Add(word);
        text.Add(" ("u8);
        text.Add((ulong)value);
        text.Add(")"u8);
    }
}
