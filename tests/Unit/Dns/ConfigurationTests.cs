using System;
using System.Collections.Generic;
using System.Linq;
using LocalService.CommandLine;
using LocalService.Dns.Configuration;
using LocalService.Dns.Packets;
using LocalService.Posix;
using Xunit;

namespace LocalService.Tests.Unit.Dns;

/// <summary>Reading resolv.conf and its relatives. Specification "dns", section 2.1, with B7, B8, B28 and B30.</summary>
public sealed unsafe class ConfigurationTests
{
    [Theory]
    [InlineData("nameserver 127.0.0.1\n", "127.0.0.1")]
    [InlineData("nameserver\t127.0.0.1", "127.0.0.1")]
    [InlineData("nameserver 127.0.0.1\r\n", "127.0.0.1")]
    [InlineData("nameserver 127.0.0.1 # x\n", "127.0.0.1")]
    [InlineData("nameserver 127.0.0.1;x\n", "127.0.0.1")]
    [InlineData("nameserver ::\n", "::")]
    [InlineData("nameserver ::ffff:10.1.2.3\n", "10.1.2.3")]
    [InlineData("nameserver fe80::1%lo\n", "fe80::1%1")]
    [InlineData("nameserver 1.1.1.1 2.2.2.2\nnameserver 3.3.3.3\n", "1.1.1.1 3.3.3.3")]
    [InlineData("# nameserver 1.1.1.1\n nameserver 2.2.2.2\nNameserver 3.3.3.3\n;nameserver 4.4.4.4\nnameserver\n\n", "")]
    [InlineData("nameserver 127.0.0.1junk\nnameserver x\nnameserver 1.1.1.1\n", "1.1.1.1", "127.0.0.1junk x")]
    [InlineData("\0\u0001\u0002nameserver\n\0\n", "")]
    public void Servers_are_read_from_lines(string text, string servers, string wrong = "") => Check(text, servers, "", wrong);

    [Fact]
    public void There_are_sixteen_servers_at_most() => Check(
        string.Concat(Enumerable.Range(1, 20).Select(number => $"nameserver 10.0.0.{number}\n")),
        string.Join(' ', Enumerable.Range(1, 16).Select(number => $"10.0.0.{number}")), "");

    [Theory]
    [InlineData("search a\n", "a")]
    [InlineData("search one two # three\n", "one two")]
    [InlineData("domain one two\n", "one")]
    [InlineData("domain test\nsearch one two\nsearch three", "test one two three")]
    [InlineData("search .a b..c ok\n", "ok", ".a b..c")]
    [InlineData("search .\n", ".")]
    public void The_search_list_is_read_from_lines(string text, string domains, string wrong = "") => Check(text, "", domains, wrong);

    [Fact]
    public void A_search_list_that_is_too_long_is_cut()
    {
        string[] domains = [.. Enumerable.Range(0, 300).Select(number => $"domain{number}.test")];
        ResolverConfiguration configuration = default;
        configuration.Reset();
        Assert.NotEmpty(Parse("search " + string.Join(' ', domains), ref configuration));
        string[] kept = DomainsOf(ref configuration);
        Assert.InRange(kept.Length, 50, 100);
        Assert.Equal(domains[..kept.Length], kept);
    }

    [Theory]
    [InlineData("1.1.1.1", "1.1.1.1")]
    [InlineData("1.1.1.1,2.2.2.2; ::1\tfe80::1%lo\r\n3.3.3.3", "1.1.1.1 2.2.2.2 ::1 fe80::1%1 3.3.3.3")]
    [InlineData(" nope,127.0.0.1,127.0.0.10foo", "127.0.0.1", "nope 127.0.0.10foo")]
    [InlineData("", "")]
    public void A_variable_holds_servers(string text, string servers, string wrong = "")
    {
        ResolverConfiguration configuration = default;
        MessageBuffer messages = default;
        ResolvConf.ParseServers(text.ToBytes(), ref configuration, new Diagnostics("x"u8, &messages));
        Assert.Equal(servers, ServersOf(configuration));
        Assert.Equal(wrong.Length == 0, messages.IsEmpty);
    }

    [Fact]
    public void Options_are_understood()
    {
        ResolverConfiguration configuration = default;
        configuration.Reset();
        Assert.Equal((1000u, 4u, 1u), (configuration.TryMilliseconds, configuration.Attempts, configuration.MinimumDots));
        _ = Parse("options timeout:3 attempts:2 rotate unknown debug\noptions ndots:5 use-vc trust-ad no-tld-query edns0 timeout:x\n", ref configuration);
        Assert.Equal((3000u, 2u, 5u), (configuration.TryMilliseconds, configuration.Attempts, configuration.MinimumDots));
        Assert.True(configuration.Rotates && configuration.UsesTcp && configuration.TrustsAuthenticData && configuration.NeverAsksTopLevel);
        ResolvConf.ParseOptions("timeout:0 attempts:999 ndots:4294967295"u8, ref configuration);
        Assert.Equal((1000u, 5u, 15u), (configuration.TryMilliseconds, configuration.Attempts, configuration.MinimumDots));
    }

    [Fact]
    public void Without_servers_those_of_this_machine_are_asked()
    {
        ResolverConfiguration configuration = default;
        configuration.AddUsualServers();
        Assert.Equal("127.0.0.1 ::1", ServersOf(configuration));
        Assert.Equal(53, configuration.ServerAt(1).Port);
        configuration.AddUsualServers();
        Assert.Equal(2, configuration.ServerCount);
    }

    [Theory]
    [InlineData("foo", "", "foo.one. foo.two. foo.")]
    [InlineData("foo.", "", "foo.")]
    [InlineData("a.b", "", "a.b. a.b.one. a.b.two.")]
    [InlineData("a.b", "ndots:2", "a.b.one. a.b.two. a.b.")]
    [InlineData("a.b.c", "ndots:2", "a.b.c. a.b.c.one. a.b.c.two.")]
    [InlineData("foo", "ndots:0", "foo. foo.one. foo.two.")]
    [InlineData("foo", "no-tld-query", "foo.one. foo.two.")]
    [InlineData("a.b", "no-tld-query", "a.b. a.b.one. a.b.two.")]
    [InlineData("", "", ".")]
    [InlineData(".", "", ".")]
    [InlineData("a..b", "", "")]
    public void Candidates_come_in_their_order(string text, string options, string expected)
    {
        ResolverConfiguration configuration = default;
        configuration.Reset();
        _ = Parse("search one two\n", ref configuration);
        ResolvConf.ParseOptions(options.ToBytes(), ref configuration);
        Assert.Equal(expected, CandidatesOf(text, configuration));
    }

    [Fact]
    public void With_DNS_qualify_the_bare_name_is_last()
    {
        ResolverConfiguration configuration = default;
        configuration.Reset();
        configuration.BareNameLast = true;
        ResolvConf.ParseSearch("one.test  two.test"u8, ref configuration, new Diagnostics("x"u8));
        Assert.Equal("a.b.one.test. a.b.two.test. a.b.", CandidatesOf("a.b", configuration));
    }

    [Fact]
    public void A_candidate_that_is_too_long_is_left_out()
    {
        ResolverConfiguration configuration = default;
        configuration.Reset();
        _ = Parse("search one two.three\n", ref configuration);
        string name = string.Join('.', Enumerable.Repeat(new string('l', 61), 4)); // 249 bytes in wire form
        Assert.Equal($"{name}. {name}.one.", CandidatesOf(name, configuration));
        Assert.Equal("", CandidatesOf(new string('l', 3000), configuration));
    }

    private static void Check(string text, string servers, string domains, string wrong = "")
    {
        ResolverConfiguration configuration = default;
        configuration.Reset();
        Assert.Equal(wrong, Parse(text, ref configuration));
        Assert.Equal(servers, ServersOf(configuration));
        Assert.Equal(domains, string.Join(' ', DomainsOf(ref configuration)));
    }

    /// <summary>Parses a file, and returns the words that caused warnings.</summary>
    private static string Parse(string text, ref ResolverConfiguration configuration)
    {
        MessageBuffer messages = default;
        ResolvConf.Parse(text.ToBytes(), true, true, ref configuration, new Diagnostics("x"u8, &messages));
        string output = new([.. MessageText(&messages)]);
        return string.Join(' ', output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(": ")[^1]));
    }

    // The text follows the length.
    private static IEnumerable<char> MessageText(MessageBuffer* messages) =>
        [.. new ReadOnlySpan<byte>((byte*)messages + sizeof(int), *(int*)messages).ToText()];

    private static string ServersOf(in ResolverConfiguration configuration)
    {
        var texts = new List<string>();
        for (int i = 0; i < configuration.ServerCount; i++)
            texts.Add(IpAddressText.Format(configuration.ServerAt(i).Address, new byte[IpAddressText.LongestText]).ToText());
        return string.Join(' ', texts);
    }

    private static string[] DomainsOf(ref ResolverConfiguration configuration) =>
        configuration.Search.Text.ToText().Split('\0', StringSplitOptions.RemoveEmptyEntries);

    private static string CandidatesOf(string text, ResolverConfiguration configuration)
    {
        var names = new List<string>();
        var candidates = new Candidates(text.ToBytes(), true, configuration);
        DomainName name = default;
        while (candidates.Next(ref name))
            names.Add(name.Format(new byte[DomainName.LongestText]).ToText());
        return string.Join(' ', names);
    }
}
