using Xunit;

namespace LocalService.Tests.EndToEnd.Dns;

/// <summary>Misbehaving servers. Specification "dns", section 2.3 and cases 22 to 41, with B5 to B7, B24 to B27.</summary>
public sealed class ServerFaultTests
{
    [Theory]
    [InlineData("id")]
    [InlineData("name")]
    [InlineData("type")]
    [InlineData("class")]
    [InlineData("query")]
    [InlineData("opcode")]
    [InlineData("noquestion")]
    [InlineData("denial")]
    [InlineData("twoquestions")]
    [InlineData("port")]
    [InlineData("address")]
    [InlineData("empty")]
    [InlineData("short")]
    [InlineData("pointer")]
    [InlineData("flood9")]
    public void A_forged_answer_is_ignored(string lie) => Check($"127.0.0.10={lie}", "10.1.2.3", "127.0.0.10 udp A a.test edns");

    [Theory]
    [InlineData("caseless")] // an attacker who guessed everything but the case
    [InlineData("flood10")]
    [InlineData("flood200")]
    [InlineData("lower")] // a server that doesn't keep the case
    [InlineData("truncate")]
    [InlineData("truncate,bytes")]
    [InlineData("truncate,two")]
    [InlineData("truncate,once")]
    public void What_cannot_be_trusted_is_asked_over_TCP(string behaviour) =>
        Check($"127.0.0.10={behaviour}", "10.1.2.3", "127.0.0.10 udp A a.test edns\n127.0.0.10 tcp A a.test edns");

    // The flood takes a while, as the server is in Python. How often the client repeats a question depends on the machine.
    [Fact]
    public void A_flood_does_not_hide_the_answer() => DnsScript.Expect(
        "servers 127.0.0.10=flood100000; resolv 127.0.0.10; timeout 30 dnsip4 a.test", "10.1.2.3");

    [Theory]
    [InlineData("formerr")]
    [InlineData("badvers")]
    [InlineData("bare")]
    public void A_server_without_extensions_is_asked_without(string behaviour) =>
        Check($"127.0.0.10={behaviour}", "10.1.2.3", "127.0.0.10 udp A a.test edns\n127.0.0.10 udp A a.test");

    [Fact]
    public void A_large_answer_is_taken() => DnsScript.Expect(
        "servers 127.0.0.10=big,notcp; resolv 127.0.0.10; dnsip4 a.test | wc -l", "55");

    [Theory]
    [InlineData("good", "many.test", "60")]
    [InlineData("truncate", "huge.test", "4000")]
    public void TCP_holds_what_datagrams_do_not(string behaviour, string name, string count) => DnsScript.Expect(
        $"servers 127.0.0.10={behaviour}; resolv 127.0.0.10; dnsip4 {name} | wc -l", count);

    [Theory]
    [InlineData("servfail", "udp A a.test edns")]
    [InlineData("refused", "udp A a.test edns")]
    [InlineData("truncate,notcp", "udp A a.test edns")]
    [InlineData("truncate,closing", "udp A a.test edns")]
    [InlineData("truncate,zero", "udp A a.test edns\n127.0.0.10 tcp A a.test edns")]
    [InlineData("truncate,half", "udp A a.test edns\n127.0.0.10 tcp A a.test edns")] // C spins forever
    [InlineData("truncate,again", "udp A a.test edns\n127.0.0.10 tcp A a.test edns")]
    [InlineData("truncate,servfail", "udp A a.test edns")]
    public void The_next_server_is_asked(string behaviour, string queries)
    {
        string kind = behaviour.StartsWith("truncate", System.StringComparison.Ordinal) && !behaviour.EndsWith("servfail", System.StringComparison.Ordinal) ? "tcp" : "udp";
        Check($"127.0.0.10={behaviour} 127.0.0.11=good", "10.1.2.3", $"127.0.0.10 {queries}\n127.0.0.11 {kind} A a.test edns");
    }

    [Fact]
    public void The_truncating_server_is_asked_first_over_TCP() => Check(
        "127.0.0.10=servfail 127.0.0.11=truncate", "10.1.2.3",
        "127.0.0.10 udp A a.test edns\n127.0.0.11 udp A a.test edns\n127.0.0.11 tcp A a.test edns");

    [Theory]
    [InlineData("127.0.0.10=drop", "127.0.0.10 udp A a.test edns\n127.0.0.10 udp A a.test edns")]
    [InlineData("127.0.0.10=servfail1", "127.0.0.10 udp A a.test edns\n127.0.0.10 udp A a.test edns")]
    [InlineData("127.0.0.10=silent 127.0.0.11=good", "127.0.0.10 udp A a.test edns\n127.0.0.11 udp A a.test edns")]
    [InlineData("127.0.0.10=truncate,hang 127.0.0.11=good", "127.0.0.10 udp A a.test edns\n127.0.0.10 tcp A a.test edns\n127.0.0.11 tcp A a.test edns")]
    public void Silence_lasts_a_moment(string servers, string queries) => Check(servers, "10.1.2.3", queries);

    [Theory]
    [InlineData("servfail", "server failure")]
    [InlineData("refused", "server refused")]
    [InlineData("notimp", "not implemented in server")]
    [InlineData("code259", "unknown network error")]
    public void The_last_word_of_a_server_is_told(string behaviour, string text) => DnsScript.Expect(
        $"servers 127.0.0.10={behaviour}; resolv 127.0.0.10; dnsip4 a.test; echo $?", "2", $"s6-dnsip4: fatal: unable to resolve a.test: {text}");

    [Theory]
    [InlineData("127.0.0.10")] // no listener: an ICMP error
    [InlineData("10.1.1.1")] // no route
    [InlineData("255.255.255.255")]
    [InlineData("0.0.0.0 ::")]
    [InlineData("fe80::1")]
    public void Where_nobody_can_be_asked_it_is_over_at_once(string servers) => DnsScript.Expect(
        $"resolv {servers}; timeout 5 dnsip4 a.test; echo $?", "111", "s6-dnsip4: fatal: unable to resolve a.test: no available DNS server");

    [Fact]
    public void A_limit_is_a_limit() => DnsScript.Expect("""
        servers 127.0.0.10=silent
        resolv 127.0.0.10
        timeout 20 dnsip4 -t 200 a.test
        echo $?
        timeout 20 dnsip -t 200 a.test
        echo $?
        """, "99\n99", """
        s6-dnsip4: fatal: unable to resolve a.test: query timed out
        s6-dnsip: fatal: unable to resolve a.test: query timed out
        """);

    [Fact]
    public void Servers_may_have_IPv6_only() => DnsScript.Expect("""
        servers [::1]=good
        resolv ::1 fe80::1%lo
        dnsip4 a.test
        queries
        """, "10.1.2.3\n::1 udp A a.test edns");

    [Fact]
    public void Queries_are_unpredictable() => DnsScript.Expect("""
        servers 127.0.0.10=good
        resolv 127.0.0.10
        name=abcdefghijklmnopqrstuvwxyz.abcdefghijklmnopqrstuvwxyz
        for i in {1..30}; do strace -xx -s 200 -e trace=bind,sendto -o trace dnsip4 $name 2>/dev/null; cat trace >>traces; done
        # The ids, the letters, the ports.
        grep sendto traces | cut -d'"' -f2 | cut -c1-8 | sort -u | wc -l | { read -r n; echo $((n > 25)); }
        grep sendto traces | cut -d'"' -f2 | cut -c49-250 | sort -u | wc -l
        grep -o 'htons([0-9]*)' traces | sort -u | wc -l | { read -r n; echo $((n > 25)); }
        """, "1\n30\n1");

    private static void Check(string servers, string output, string queries)
    {
        string addresses = string.Join(' ', System.Linq.Enumerable.Select(servers.Split(' '), server => server.Split('=')[0]));
        DnsScript.Expect($"servers {servers}; resolv {addresses}; timeout 20 dnsip4 a.test; queries", $"{output}\n{queries}");
    }
}
