using System;
using System.Collections.Generic;
using LocalService.Posix;
using LocalService.Rules;
using LocalService.Tcp.Ident;
using Xunit;

namespace LocalService.Tests.Unit;

/// <summary>The keys under which the rules of a TCP client are looked up, and what IDENT may say.</summary>
public sealed unsafe class ClientKeyTests
{
    [Theory]
    [InlineData("192.168.1.7", 33, "ip4/192.168.1.7_32 ip4/192.168.1.6_31 ip4/192.168.1.4_30 ip4/192.168.1.0_29", "ip4/192.0.0.0_2 ip4/128.0.0.0_1 ip4/0.0.0.0_0")]
    [InlineData("::ffff:10.1.2.3", 33, "ip4/10.1.2.3_32 ip4/10.1.2.2_31", "ip4/0.0.0.0_1 ip4/0.0.0.0_0")]
    [InlineData("2001:0:0:1::1", 129, "ip6/2001:0:0:1::1_128 ip6/2001:0:0:1::_127", "ip6/::_1 ip6/::_0")]
    [InlineData("2001:db8:0:1:1:1:1:1", 129, "ip6/2001:db8:0:1:1:1:1:1_128 ip6/2001:db8:0:1:1:1:1:0_127", "ip6/::_0")]
    [InlineData("::1:2", 129, "ip6/::1:2_128 ip6/::1:2_127 ip6/::1:0_126", "ip6/::_0")]
    public void Addresses_lead_from_the_exact_one_to_all(string address, int count, string first, string last)
    {
        Assert.True(IpAddressText.TryParse(address.ToBytes(), out IpAddress parsed));
        List<string> keys = All(new AddressKeys(parsed));
        Assert.Equal(count, keys.Count);
        Assert.StartsWith(first, string.Join(' ', keys), StringComparison.Ordinal);
        Assert.EndsWith(last, string.Join(' ', keys), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("foo.bar.com", "reversedns/foo.bar.com reversedns/bar.com reversedns/com reversedns/@")]
    [InlineData("com", "reversedns/com reversedns/@")]
    [InlineData("", "")]
    public void Names_lead_from_the_exact_one_to_any(string name, string expected)
    {
        fixed (byte* text = name.ToBytes())
            Assert.Equal(expected, string.Join(' ', All(new NameKeys(text, name.Length))));
    }

    [Theory]
    [InlineData("10.1.2.3", "", "", "10.1.2.3|10.1.2.|10.1.|10.|")]
    [InlineData("10.1.2.3", "a.b.c", "", "10.1.2.3|=a.b.c|10.1.2.|10.1.|10.|=.b.c|=.c|=|")]
    [InlineData("10.1.2.3", "a", "joe", "joe@10.1.2.3|joe@=a|10.1.2.3|=a|10.1.2.|10.1.|10.|=|")]
    [InlineData("10.1.2.3", "", "joe", "joe@10.1.2.3|10.1.2.3|10.1.2.|10.1.|10.|")]
    [InlineData("::1", "", "", "::1|")]
    public void Keys_of_tcprules_come_in_its_order(string address, string name, string information, string expected)
    {
        byte[] addressBytes = address.ToBytes();
        byte[] nameBytes = name.ToBytes();
        byte[] informationBytes = information.ToBytes();
        fixed (byte* first = addressBytes, second = nameBytes, third = informationBytes) // the keys point to them
            Assert.Equal(expected, string.Join('|', All(new TcpRulesKeys(addressBytes, nameBytes, informationBytes))));
    }

    [Theory]
    [InlineData("6193 , 23 : USERID : UNIX : stjohns", true, "stjohns")]
    [InlineData("6193,23:USERID:UNIX,US-ASCII: a:b \r", true, "a:b ")]
    [InlineData("6193, 23 : ERROR : NO-USER\r", false, "NO-USER")]
    [InlineData("6193\t,\t23:USERID:OTHER:", true, "")]
    public void Answers_of_ident_are_read(string line, bool isName, string text)
    {
        IdentAnswer answer = default;
        Assert.False(answer.Parse(line.ToBytes(), 6193, 23).Failed);
        Assert.Equal(isName, answer.IsName);
        Assert.Equal(text, answer.Text.ToText());
    }

    [Theory]
    [InlineData("")]
    [InlineData("6193")]
    [InlineData("6193,23")]
    [InlineData("6193,24:USERID:UNIX:joe")]
    [InlineData("6193,23:USERID:joe")]
    [InlineData("6193,23:userid:UNIX:joe")]
    [InlineData("6193,23:USERID:UNIX:j\toe")]
    [InlineData("06193x,23:USERID:UNIX:joe")]
    public void What_is_no_answer_of_ident_is_an_error(string line)
    {
        IdentAnswer answer = default;
        Assert.True(answer.Parse(line.ToBytes(), 6193, 23).Failed);
        Assert.False(answer.IsName);
    }

    private static List<string> All<TKeys>(TKeys keys) where TKeys : struct, IRuleKeys
    {
        var met = new List<string>();
        Span<byte> buffer = stackalloc byte[TKeys.LongestKey];
        while (keys.Next(buffer, out ReadOnlySpan<byte> key))
            met.Add(key.ToText());
        return met;
    }
}
