using System;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using LocalService.Dns.Packets;
using LocalService.Libc;
using Xunit;

namespace LocalService.Tests.Unit.Dns;

public sealed class DomainNameTests
{
    [Theory]
    [InlineData("a.test", "0161047465737400")]
    [InlineData("A.TEST.", "0161047465737400")]
    [InlineData("a", "016100")]
    [InlineData("", "00")]
    [InlineData(".", "00")]
    [InlineData("a b.x", "0361206201780" + "0")]
    [InlineData("_service._tcp.x", "085f73657276696365045f74637001780" + "0")]
    public void Text_becomes_labels(string text, string wire)
    {
        DomainName name = default;
        Assert.False(name.Parse(text.ToBytes()).Failed);
        Assert.Equal(wire, Convert.ToHexStringLower(name.Wire));
    }

    [Theory]
    [InlineData("..")]
    [InlineData(".a")]
    [InlineData("a..b")]
    [InlineData("a..")]
    [InlineData("...")]
    public void An_empty_label_is_invalid(string text)
    {
        DomainName name = default;
        Assert.True(name.Parse(text.ToBytes()).Is(libc.EINVAL));
        Assert.True(name.IsNone);
    }

    [Fact]
    public void Lengths_have_limits()
    {
        DomainName name = default;
        Assert.False(name.Parse(new string('l', 63).ToBytes()).Failed);
        Assert.True(name.Parse(new string('l', 64).ToBytes()).Is(libc.ENAMETOOLONG));
        string longest = string.Join('.', Enumerable.Repeat(new string('l', 63), 3)) + "." + new string('l', 61);
        Assert.False(name.Parse(longest.ToBytes()).Failed);
        Assert.Equal(255, name.Wire.Length);
        Assert.True(name.Parse((longest + "l").ToBytes()).Is(libc.ENAMETOOLONG));
        Assert.True(name.Parse(new string('l', 300_000).ToBytes()).Is(libc.ENAMETOOLONG));
    }

    [Theory]
    [InlineData("00", true)]
    [InlineData("016100", true)]
    [InlineData("", false)]
    [InlineData("0161", false)]
    [InlineData("01610000", false)]
    [InlineData("0261620078797a", false)]
    [InlineData("ffffffffff", false)]
    [InlineData("c00c", false)]
    [InlineData("4161", false)]
    public void Only_names_are_taken(string wire, bool isName)
    {
        DomainName name = default;
        Assert.Equal(isName, name.TrySet(Convert.FromHexString(wire)));
        Assert.Equal(isName ? wire : "", Convert.ToHexStringLower(name.Wire));
    }

    [Fact]
    public void A_name_of_256_bytes_is_none()
    {
        byte[] Labels(int last) => [.. Enumerable.Range(0, 3).SelectMany(_ => new byte[] { 63 }.Concat(Enumerable.Repeat((byte)'l', 63))), (byte)last, .. Enumerable.Repeat((byte)'l', last), 0];
        DomainName name = default;
        Assert.True(name.TrySet(Labels(61)));
        Assert.False(name.TrySet(Labels(62)));
    }

    [Theory]
    [InlineData("00", ".")]
    [InlineData("0161047465737400", "a.test.")]
    [InlineData("0441622d5f00", "Ab-_.")]
    [InlineData("0374650000", @"te\000.")]
    [InlineData("0a2e205c2228293b40241b00", @"\.\032\\\""\(\)\;\@\$\027.")]
    [InlineData("037f80ff00", @"\127\128\255.")]
    public void Every_byte_can_be_shown(string wire, string text)
    {
        DomainName name = default;
        Assert.True(name.TrySet(Convert.FromHexString(wire)));
        Assert.Equal(text, name.Format(new byte[DomainName.LongestText]).ToText());
    }

    [Fact]
    public void What_is_shown_is_printable_and_fits() => Properties.ForAll(Properties.Bytes(240), bytes =>
    {
        byte[] wire = [.. bytes.Chunk(63).SelectMany(label => new[] { (byte)label.Length }.Concat(label)), 0];
        DomainName name = default;
        Assert.True(name.TrySet(wire));
        Assert.All(name.Format(new byte[DomainName.LongestText]).ToArray(), character => Assert.InRange(character, (byte)'!', (byte)'~'));
        Assert.Equal((bytes.Length + 62) / 63, name.Labels);
    });

    [Theory]
    [InlineData("a.test", "A.tEST", true)]
    [InlineData("a.test", "a.tesu", false)]
    [InlineData("a.test", "a.tes", false)]
    [InlineData("[", "{", false)] // 0x5b and 0x7b: no letters
    public void Case_does_not_matter(string left, string right, bool same)
    {
        byte[] Wire(string text) => [.. text.Split('.').SelectMany(label => new[] { (byte)label.Length }.Concat(label.ToBytes())), 0];
        Assert.Equal(same, DomainName.Same(Wire(left), Wire(right)));
    }
}
