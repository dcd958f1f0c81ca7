using System;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using LocalService.Dns.Packets;
using Xunit;

namespace LocalService.Tests.Unit.Dns;

public sealed class QueryWriterTests
{
    [Theory]
    [InlineData(QueryFlags.RecursionDesired, "123401000001000000000000" + "0161047465737400" + "001c0001")]
    [InlineData(QueryFlags.None, "123400000001000000000000" + "0161047465737400" + "001c0001")]
    [InlineData(QueryFlags.RecursionDesired | QueryFlags.Authentic, "123401200001000000000000" + "0161047465737400" + "001c0001")]
    [InlineData(
        QueryFlags.RecursionDesired | QueryFlags.Extended, "123401000001000000000001" + "0161047465737400" + "001c0001" + "00002904d0000000000000")]
    internal void AQueryHasOneQuestion(QueryFlags flags, string expected)
    {
        byte[] packet = [.. Enumerable.Repeat((byte)0xee, QueryWriter.Longest)];
        int length = QueryWriter.Write(packet, 0x1234, Convert.FromHexString("0161047465737400"), RecordType.AAAA, flags, 0);
        Assert.Equal(expected, Convert.ToHexStringLower(packet[..length]));
        Assert.NotEqual("malformed", PacketReaderTests.Describe(packet[..length]));
    }

    [Fact]
    public void The_longest_name_fits()
    {
        byte[] packet = new byte[QueryWriter.Longest];
        DomainName name = default;
        Assert.False(name.Parse(string.Join('.', Enumerable.Repeat(new string('l', 63), 3).Append(new string('l', 61))).ToBytes()).Failed);
        Assert.Equal(packet.Length, QueryWriter.Write(packet, 1, name.Wire, RecordType.A, QueryFlags.Extended, ulong.MaxValue));
    }

    [Fact]
    public void Mixing_the_case_twice_changes_nothing() =>
        Properties.ForAll(Properties.Bytes(255), Gen.Choose(int.MinValue, int.MaxValue), (bytes, bits) =>
        {
            byte[] mixed = [.. bytes];
            ulong letterCase = (ulong)(uint)bits << 32 | (uint)~bits;
            QueryWriter.MixCase(mixed, letterCase);
            Assert.True(DomainName.Same(bytes, mixed));
            QueryWriter.MixCase(mixed, letterCase);
            Assert.Equal(bytes, mixed);
        });

    [Fact]
    public void Only_letters_are_mixed()
    {
        byte[] all = [.. Enumerable.Range(0, 256).Select(number => (byte)number)];
        byte[] mixed = [.. all];
        QueryWriter.MixCase(mixed, ulong.MaxValue);
        Assert.All(all, value => Assert.Equal(char.IsAsciiLetter((char)value) ? (byte)(value ^ 0x20) : value, mixed[value]));
    }

    [Theory]
    [InlineData("A", 1)]
    [InlineData("aaaa", 28)]
    [InlineData("Caa", 257)]
    [InlineData("any", 255)]
    [InlineData("AXFR", 252)]
    [InlineData("28", 28)]
    [InlineData("65535", 65535)]
    [InlineData("TYPE65280", 65280)]
    [InlineData("type1", 1)]
    public void Types_have_names_and_numbers(string text, int number)
    {
        Assert.True(RecordType.TryParse(text.ToBytes(), out ushort type));
        Assert.Equal(number, type);
    }

    [Theory]
    [InlineData("")]
    [InlineData("FOO")]
    [InlineData("0")]
    [InlineData("65536")]
    [InlineData("TYPE")]
    [InlineData("TYPE0")]
    [InlineData("AA")]
    [InlineData("OPT")]
    public void Other_texts_are_no_types(string text) => Assert.False(RecordType.TryParse(text.ToBytes(), out _));

    [Theory]
    [InlineData(1, "A")]
    [InlineData(24, "SIG")]
    [InlineData(257, "CAA")]
    [InlineData(65280, "")]
    public void Types_are_shown_by_name(int type, string name) => Assert.Equal(name, RecordType.NameOf((ushort)type).ToText());
}
