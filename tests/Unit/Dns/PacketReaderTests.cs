using System;
using System.Collections.Generic;
using System.Linq;
using LocalService.Dns.Packets;
using Xunit;
using Record = LocalService.Dns.Packets.Record;

namespace LocalService.Tests.Unit.Dns;

public sealed class PacketReaderTests
{
    private const string Header = "000081800001000100000000"; // a response with one record
    private const string Question = "01610474657374000001" + "0001"; // a.test, A

    [Fact]
    public void The_corpus_is_read_as_others_read_it()
    {
        Assert.True(PacketCorpus.Rows.Count > 200);
        foreach ((byte[] packet, string text) in PacketCorpus.Rows)
        {
            string read = Describe(packet);
            // The other reader takes an address of the wrong length as malformed; ours only ignores the address.
            if (text == "malformed" && read != "malformed" && HasOddAddress(packet))
                continue;
            Assert.Equal($"{Convert.ToHexStringLower(packet)}\n{text}", $"{Convert.ToHexStringLower(packet)}\n{read}");
        }
    }

    // Valid and invalid names of every kind, as the owner of a record.
    [Theory]
    [InlineData("c00c", true)] // the question's name
    [InlineData("00", true)]
    [InlineData("03616263c00c", true)]
    [InlineData("c00e", true)] // inside the question's name
    [InlineData("c01a", false)] // itself
    [InlineData("c01c", false)] // forward
    [InlineData("0161c01a", false)] // the labels before it
    [InlineData("c000", false)] // the header
    [InlineData("c00b", false)]
    [InlineData("4161", false)] // obsolete label types
    [InlineData("8161", false)]
    public void A_pointer_leads_backwards(string owner, bool sound) =>
        Assert.Equal(sound, Describe(OneRecord(owner + "0001" + "0001" + "00000001" + "0004" + "0a010203")) != "malformed");

    [Theory]
    [InlineData("c0")]
    [InlineData("05616263")]
    [InlineData("c00c00")]
    [InlineData("c00c000100010000000100")]
    [InlineData("c00c00010001000000010004")]
    [InlineData("c00c000100010000000100040a0102")]
    public void A_record_that_is_cut_off_is_malformed(string record) => Assert.Equal("malformed", Describe(OneRecord(record)));

    // The type and the data, which follow the owner. The data may point to the question, at 12.
    [Theory]
    [InlineData("0005", "c00c", true)]
    [InlineData("0005", "016100", true)]
    [InlineData("0005", "01610000", false)] // trailing bytes
    [InlineData("0005", "0161", false)]
    [InlineData("0005", "", false)]
    [InlineData("0002", "c00c", true)]
    [InlineData("000c", "c00c", true)]
    [InlineData("0027", "c00c", true)]
    [InlineData("000f", "000ac00c", true)]
    [InlineData("000f", "000a", false)]
    [InlineData("000f", "00", false)]
    [InlineData("0006", "c00cc00c0000000100000002000000030000000400000005", true)]
    [InlineData("0006", "c00cc00c00000001000000020000000300000004000000", false)]
    [InlineData("0021", "000500071f90c00c", true)]
    [InlineData("0021", "000500071f90", false)]
    [InlineData("0010", "03616263", true)]
    [InlineData("0010", "", true)]
    [InlineData("0010", "00", true)]
    [InlineData("0010", "0361626301", false)]
    [InlineData("0010", "04616263", false)]
    [InlineData("000d", "01610162", true)]
    [InlineData("000d", "0161", false)]
    [InlineData("0101", "00056973737565", true)]
    [InlineData("0101", "00066973737565", false)]
    [InlineData("0011", "c00cc00c", true)]
    [InlineData("0001", "0a0102", true)] // not an address, but not malformed
    [InlineData("001c", "00", true)]
    [InlineData("ff00", "0102fe", true)]
    public void Data_end_where_they_should(string type, string data, bool sound) => Assert.Equal(
        sound, Describe(OneRecord($"c00c{type}000100000001{data.Length / 2:x4}{data}")) != "malformed");

    [Fact]
    public void Data_of_another_class_are_not_looked_at() => Assert.NotEqual("malformed", Describe(OneRecord("c00c000500030000000100020161")));

    [Theory]
    [InlineData(255, true)]
    [InlineData(256, false)]
    public void A_name_has_255_bytes(int length, bool sound)
    {
        string labels = string.Concat(Enumerable.Repeat("3f" + new string('6', 126), 3)); // 192 bytes
        int rest = length - 192 - 2;
        string name = labels + rest.ToString("x2", null) + new string('6', rest * 2) + "00";
        Assert.Equal(sound, Describe(OneRecord(name + "00010001000000010004" + "0a010203")) != "malformed");
    }

    [Theory]
    [InlineData(100, true)]
    [InlineData(200, false)]
    public void Too_many_pointers_are_no_name(int pointers, bool sound)
    {
        // The data of a record of an unknown type, from 36 on, is a chain of pointers, each to the one before. The next owner points to the last.
        int PlaceOf(int number) => number < 0 ? PacketHeader.Size : 36 + number * 2;
        string PointerTo(int number) => $"{0xC000 | PlaceOf(number):x4}";
        string chain = string.Concat(Enumerable.Range(-1, pointers).Select(PointerTo));
        string first = $"c00cff00000100000001{chain.Length / 2:x4}{chain}";
        string second = $"{PointerTo(pointers - 1)}00010001000000010004" + "0a010203";
        byte[] packet = Convert.FromHexString("000081800001000200000000" + Question + first + second);
        Assert.Equal(sound, Describe(packet) != "malformed");
    }

    [Theory]
    [InlineData("00", true)]
    [InlineData("c00c", false)] // not the root
    public void Options_belong_to_the_root(string owner, bool sound) => Assert.Equal(
        sound, Describe(Convert.FromHexString("000081800001000000000001" + Question + owner + "002904d0000000000000")) != "malformed");

    [Fact]
    public void Options_stand_alone()
    {
        string options = "00002904d0000000000000";
        Assert.Equal("malformed", Describe(Convert.FromHexString("000081800001000000000002" + Question + options + options)));
        Assert.Equal("malformed", Describe(OneRecord(options))); // in the answer section
    }

    [Fact]
    public void Options_extend_the_response_code()
    {
        byte[] packet = Convert.FromHexString("000081800001000000000001" + Question + "00002904d00100000000" + "00");
        Assert.True(PacketReader.TryStart(packet, out PacketReader reader));
        Assert.True(reader.TrySkipQuestions());
        Assert.Equal(ReadResult.Record, reader.Next(out _));
        Assert.Equal(16, reader.ResponseCode);
    }

    [Fact]
    public void The_header_is_read_bit_by_bit()
    {
        var header = new PacketHeader(Convert.FromHexString("1234" + "f7f5" + "00010002" + "00030004"));
        Assert.Equal(0x1234, header.Id);
        Assert.True(header.IsResponse && header.IsAuthoritative && header.IsTruncated && header.RecursionDesired && header.RecursionAvailable);
        Assert.Equal(14, header.Opcode);
        Assert.Equal(7, header.Reserved);
        Assert.Equal(5, header.ResponseCode);
        Assert.Equal((1, 2, 3, 4), (header.Questions, header.Answers, header.Authorities, header.Additionals));
    }

    [Fact]
    public void Eleven_bytes_are_no_packet() => Assert.False(PacketReader.TryStart(new byte[11], out _));

    internal static string Describe(byte[] packet)
    {
        if (!PacketReader.TryStart(packet, out PacketReader reader) || !reader.TrySkipQuestions())
            return "malformed";
        var records = new List<string>();
        ReadResult result;
        while ((result = reader.Next(out Record record)) == ReadResult.Record)
        {
            if (record.Type == RecordType.OPT)
                continue;
            DomainName owner = default;
            record.ReadOwner(ref owner);
            records.Add(string.Join(
                '/', record.Section.ToString().ToLowerInvariant(), Hex(owner.Wire), record.TimeToLive, record.Class, record.Type, Data(record)));
        }
        return result == ReadResult.Malformed ? "malformed" : records.Count == 0 ? "empty" : string.Join(' ', records);
    }

    private static string Data(Record record)
    {
        string text = "";
        int offset = 0;
        foreach (byte kind in RecordData.LayoutOf(record.Type))
        {
            int end = RecordData.EndOf(record, kind, offset);
            DomainName name = default;
            if (kind == 'n')
                _ = record.ReadName(offset, ref name);
            text += kind == 'n' ? Hex(name.Wire) : Hex(record.Data[offset..end]);
            offset = end;
        }
        return RecordData.LayoutOf(record.Type).IsEmpty ? Hex(record.Data) : text;
    }

    private static bool HasOddAddress(byte[] packet)
    {
        _ = PacketReader.TryStart(packet, out PacketReader reader);
        _ = reader.TrySkipQuestions();
        bool odd = false;
        while (reader.Next(out Record record) == ReadResult.Record)
            odd |= record.Type is RecordType.A or RecordType.AAAA && !record.TryGetAddress(out _);
        return odd;
    }

    private static byte[] OneRecord(string record) => Convert.FromHexString(Header + Question + record);

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);
}
