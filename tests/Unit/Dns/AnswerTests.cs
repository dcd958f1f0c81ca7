using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using LocalService.Dns.Packets;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;
using Xunit;
using Record = LocalService.Dns.Packets.Record;

namespace LocalService.Tests.Unit.Dns;

/// <summary>Which records of a response count. Specification "dns", B16 and section 5.</summary>
public sealed class AnswerTests
{
    // Records are written NAME TYPE DATA; the question is for the first name.
    [Theory]
    [InlineData("x", "x A 1", "1")]
    [InlineData("X", "x A 1", "1")] // case doesn't matter
    [InlineData("x", "x A 1;x A 2;x A 1", "1 2 1")]
    [InlineData("x", "", "")]
    [InlineData("x", "y A 1", "")] // another owner
    [InlineData("x", "x A 1;y A 2", "1")]
    [InlineData("x", "x CNAME y;y A 1", "1")]
    [InlineData("x", "y A 1;x CNAME y", "1")] // in any order
    [InlineData("x", "z A 1;y CNAME z;x CNAME y", "1")]
    [InlineData("x", "x CNAME y;y CNAME z;z A 1;z A 2;y A 3", "1 2")]
    [InlineData("x", "x CNAME y;x2 A 3", "")] // the target has no record
    [InlineData("x", "x CNAME x", "")]
    [InlineData("x", "x CNAME y;y CNAME x", "")]
    [InlineData("x", "x OTHER 9;x A 1;x OTHER 9", "1")]
    [InlineData("x", "x A short;x A 1", "1")]
    [InlineData("n0", "n0 CNAME n1;n1 CNAME n2;n2 CNAME n3;n3 CNAME n4;n4 CNAME n5;n5 CNAME n6;n6 CNAME n7;n7 CNAME n8;n8 A 1", "1")]
    [InlineData("n0", "n0 CNAME n1;n1 CNAME n2;n2 CNAME n3;n3 CNAME n4;n4 CNAME n5;n5 CNAME n6;n6 CNAME n7;n7 CNAME n8;n8 CNAME n9;n9 A 1", "")]
    public void The_records_of_the_name_at_the_end_of_the_chain_count(string name, string records, string expected)
    {
        Errno error = Answer.Open(Response(0, name, records), RecordType.A, out Answer answer);
        Assert.False(error.Failed);
        var found = new List<int>();
        Assert.Equal(expected.Length == 0, answer.IsEmpty);
        while (answer.Next(out Record record))
            found.Add(record.Data[3]);
        Assert.Equal(expected, string.Join(' ', found));
    }

    [Theory]
    [InlineData(1, libc.EILSEQ)]
    [InlineData(2, libc.EBUSY)]
    [InlineData(3, libc.ENOENT)]
    [InlineData(4, libc.EOPNOTSUPP)]
    [InlineData(5, libc.ECONNREFUSED)]
    [InlineData(6, libc.EIO)]
    public void A_response_code_is_an_error(int code, int error) =>
        Assert.Equal(error, Answer.Open(Response(code, "x", "x A 1"), RecordType.A, out _).Number);

    [Fact]
    public void Other_sections_and_classes_do_not_count()
    {
        byte[] inAuthority = Response(0, "x", "x A 1");
        (inAuthority[7], inAuthority[9]) = (0, 1);
        Assert.False(Answer.Open(inAuthority, RecordType.A, out Answer answer).Failed);
        Assert.True(answer.IsEmpty);
        byte[] ofChaos = Response(0, "x", "x A 1");
        ofChaos[^11] = 3;
        Assert.False(Answer.Open(ofChaos, RecordType.A, out answer).Failed);
        Assert.True(answer.IsEmpty);
    }

    [Theory]
    [InlineData(4, 0)] // no question
    [InlineData(4, 2)] // two
    [InlineData(6, 2)] // a record that isn't there
    [InlineData(10, 1)] // in the additional section
    public void What_the_header_promises_must_be_there(int count, byte value)
    {
        byte[] response = Response(0, "x", "x A 1");
        response[count + 1] = value;
        Assert.Equal(libc.EPROTO, Answer.Open(response, RecordType.A, out _).Number);
    }

    [Fact]
    public void What_follows_the_last_record_is_ignored()
    {
        byte[] response = [.. Response(0, "x", "x A 1"), 1, 2, 3];
        Assert.False(Answer.Open(response, RecordType.A, out Answer answer).Failed);
        Assert.True(answer.Next(out _));
        Assert.False(answer.Next(out _));
    }

    [Fact]
    public void Nothing_that_is_mutated_is_read_outside()
    {
        // The long run: doc/contributing.md.
        int runs = int.Parse(Environment.GetEnvironmentVariable("DNS_PACKETS") ?? "2000000", null);
        var random = new Random(13);
        byte[][] seeds = [.. PacketCorpus.Rows.Select(row => row.Packet)];
        for (int run = 0; run < runs; run++)
        {
            byte[] packet = Mutated(random, seeds);
            try
            {
                foreach (ushort type in (ReadOnlySpan<ushort>)[RecordType.A, RecordType.ANY])
                {
                    if (Answer.Open(packet, type, out Answer answer).Failed)
                        continue;
                    while (answer.Next(out Record record))
                        _ = record.TryGetAddress(out _);
                }
            }
            catch (Exception exception)
            {
                Assert.Fail($"{Convert.ToHexStringLower(packet)}: {exception}");
            }
        }
    }

    private static byte[] Mutated(Random random, byte[][] seeds)
    {
        byte[] packet = [.. seeds[random.Next(seeds.Length)]];
        for (int changes = random.Next(1, 6); changes > 0; changes--)
        {
            int place = random.Next(packet.Length);
            switch (random.Next(5))
            {
                case 0:
                    packet[place] = (byte)random.Next(256);
                    break;
                case 1:
                    packet[place] ^= (byte)(1 << random.Next(8));
                    break;
                case 2 when place > 0:
                    packet = packet[..place];
                    break;
                case 3 when place + 2 <= packet.Length: // a pointer to somewhere
                    BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(place), (ushort)(0xC000 | random.Next(packet.Length)));
                    break;
                default: // a piece of another packet
                    byte[] other = seeds[random.Next(seeds.Length)];
                    int length = Math.Min(random.Next(40), Math.Min(other.Length, packet.Length - place));
                    Array.Copy(other, random.Next(other.Length - length + 1), packet, place, length);
                    break;
            }
        }
        return packet;
    }

    private static byte[] Response(int code, string name, string records)
    {
        string[] rows = records.Split(';', StringSplitOptions.RemoveEmptyEntries);
        List<byte> packet = [0, 1, 0x81, (byte)(0x80 | code), 0, 1, 0, (byte)rows.Length, 0, 0, 0, 0, .. Wire(name), 0, 1, 0, 1];
        foreach (string row in rows)
        {
            string[] words = row.Split(' ');
            byte[] data = words switch
            {
                [_, "CNAME", string target] => Wire(target),
                [_, _, "short"] => [10, 1, 2],
                [_, _, string number] => [10, 0, 0, byte.Parse(number, null)],
                _ => throw new FormatException(row),
            };
            byte type = words[1] switch { "A" => 1, "CNAME" => 5, _ => 99 };
            packet.AddRange([.. Wire(words[0]), 0, type, 0, 1, 0, 0, 0, 60, 0, (byte)data.Length, .. data]);
        }
        return [.. packet];
    }

    private static byte[] Wire(string label) => [(byte)label.Length, .. label.ToBytes(), 0];
}
