using Xunit;

namespace LocalService.Tests.EndToEnd.Dns;

/// <summary>The output and the exit codes of the lookups. Specification "dns", section 4 and cases 54 to 67.</summary>
public sealed class LookupTests
{
    [Theory]
    [InlineData("dnsip4 multi.test", "10.0.0.3\n10.0.0.1\n10.0.0.2")]
    [InlineData("dnsip4 c.test", "10.1.2.3")] // an alias
    [InlineData("dnsip4 A.TEST.", "10.1.2.3")]
    [InlineData("dnsip4 .", "10.0.0.0")]
    [InlineData("dnsip4 ''", "10.0.0.0")]
    [InlineData("dnsip6 a.test", "fd00::1")]
    [InlineData("dnsip a.test", "fd00::1\n10.1.2.3")]
    [InlineData("dnsip v6.test", "fd00::6")]
    [InlineData("dnsip multi.test", "10.0.0.3\n10.0.0.1\n10.0.0.2")]
    [InlineData("dnsname 10.1.2.3", "a.test.")]
    [InlineData("dnsname ::ffff:10.1.2.3", "a.test.")] // B28
    [InlineData("dnsname fd00::1", "six.test.")]
    [InlineData("dnsname 10.1.2.9", "one.test.\ntwo.test.")]
    [InlineData("dnsname 10.1.2.4", @"te\000\027\(.test.")] // B17
    [InlineData("dnsmx mx.test", "20 mx2.test.\n10 m1.mx.test.")]
    [InlineData("dnsmx nullmx.test", "0 .")]
    [InlineData("dnsns ns.test", "ns1.test.\nns2.test.")]
    [InlineData("dnssoa soa.test", "ns.test. host.master.test. 4294967295 1200 180 1209600 600")]
    [InlineData("dnssrv http tcp srv.test", "5 7 8080 srv.test.")]
    [InlineData("dnstxt txt.test", """
        "hello worldsecond; \\ part!"
        ""
        "\"q\" \t\n\r\a\0x00\0x80\0xff~\0x7f."
        """)]
    [InlineData("dnsqr caa caa.test", "52 bytes, 1+1+0+0 records, response, rd, ra, noerror\nquery: 257 caa.test.\nanswer: caa.test. 60 CAA 0 issue ca.test")]
    [InlineData("dnsqr 65280 unknown.test", """
        45 bytes, 1+1+0+0 records, response, rd, ra, noerror
        query: 65280 unknown.test.
        answer: unknown.test. 60 TYPE65280 \# 3 0102fe
        """)]
    [InlineData("dnsqr A nope.test", "27 bytes, 1+0+0+0 records, response, rd, ra, nxdomain\nquery: 1 nope.test.")]
    [InlineData("dnsq A a.test 127.0.0.10", "40 bytes, 1+1+0+0 records, response, weird rd, weird ra, noerror\nquery: 1 a.test.\nanswer: a.test. 60 A 10.1.2.3")]
    [InlineData("dnsq 28 a.test '127.0.0.99, 127.0.0.10'", "52 bytes, 1+1+0+0 records, response, weird rd, weird ra, noerror\nquery: 28 a.test.\nanswer: a.test. 60 AAAA fd00::1")]
    public void Found_records_come_line_by_line(string command, string output) =>
        DnsScript.Expect($"servers 127.0.0.10=good; resolv 127.0.0.10; {command}", output);

    [Theory]
    [InlineData("dnsip4 nodata.test", 1)]
    [InlineData("dnsip4 v6.test", 1)]
    [InlineData("dnsip nodata.test", 1)]
    [InlineData("dnsip4 nope.test", 2, "s6-dnsip4: fatal: unable to resolve nope.test: no such domain")]
    [InlineData("dnsip nope.test", 2, "s6-dnsip: fatal: unable to resolve nope.test: no such domain")] // B14: C says nothing
    [InlineData("dnsip4 a..test", 100, "s6-dnsip4: fatal: unable to resolve a..test: invalid name")] // B21
    [InlineData("dnsip4 .test", 100, "s6-dnsip4: fatal: unable to resolve .test: invalid name")]
    [InlineData("dnsip4 llllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllll", 111,
        "s6-dnsip4: fatal: unable to resolve llllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllll: name too long")]
    [InlineData("dnsip4", 100, "s6-dnsip4: fatal: missing operand: domain\ns6-dnsip4: usage: s6-dnsip4 ...")]
    [InlineData("dnsip4 -t x a.test", 100, "s6-dnsip4: fatal: invalid number for -t: x\ns6-dnsip4: usage: s6-dnsip4 ...")]
    [InlineData("dnsname 10.1.2.3junk", 100, "s6-dnsname: fatal: invalid address: 10.1.2.3junk\ns6-dnsname: usage: s6-dnsname ...")] // B22
    [InlineData("dnsname -4 fd00::1", 100, "s6-dnsname: fatal: invalid address: fd00::1\ns6-dnsname: usage: s6-dnsname ...")]
    [InlineData("dnsname fd00::1%lo", 100, "s6-dnsname: fatal: invalid address: fd00::1%lo\ns6-dnsname: usage: s6-dnsname ...")]
    [InlineData("dnsq FOO a.test 127.0.0.10", 100, "s6-dnsq: fatal: invalid type: FOO\ns6-dnsq: usage: s6-dnsq ...")]
    [InlineData("dnsq 0 a.test 127.0.0.10", 100, "s6-dnsq: fatal: invalid type: 0\ns6-dnsq: usage: s6-dnsq ...")]
    [InlineData("dnsq A a.test", 100, "s6-dnsq: fatal: missing operand: serverip\ns6-dnsq: usage: s6-dnsq ...")]
    [InlineData("dnsq A a.test zz", 100, "s6-dnsq: fatal: unable to make an IP address list out of zz: Invalid argument")]
    [InlineData("dnsq A a.test 127.0.0.99", 2, "s6-dnsq: fatal: unable to resolve query a.test of qtype 1: no available DNS server")]
    [InlineData("dnsip4 a.test >/dev/full", 111, "s6-dnsip4: fatal: unable to write to stdout: No space left on device")]
    [InlineData("dnsip4 a.test >&-", 111, "s6-dnsip4: fatal: unable to write to stdout: Bad file descriptor")]
    public void Every_end_has_its_exit_code(string command, int exitCode, string error = "") =>
        DnsScript.Expect($"servers 127.0.0.10=good; resolv 127.0.0.10; {command}; echo $?", $"{exitCode}", error);

    [Fact]
    public void Records_may_come_in_random_order() => DnsScript.Expect("""
        servers 127.0.0.10=good
        resolv 127.0.0.10
        for i in {1..40}; do dnsip4 -r multi.test | tr '\n' ' '; echo; done >orders
        sort -u orders | wc -l
        tr ' ' '\n' <orders | sort -u | tail -3
        """, """
        6
        10.0.0.1
        10.0.0.2
        10.0.0.3
        """);

    [Theory]
    [InlineData("search one two", "", "foo.one. foo.two. foo.")]
    [InlineData("domain test\nsearch one two", "", "foo.test. foo.one. foo.two. foo.")]
    [InlineData("search one # two", "", "foo.one. foo.")]
    [InlineData("search one", "DNSQUALIFY='one.test two.test'", "foo.one.test. foo.two.test. foo.")]
    [InlineData("search one", "DNSQUALIFY=", "foo.")]
    [InlineData("search one", "LOCALDOMAIN='x y'", "foo.x. foo.y. foo.")]
    [InlineData("search one", "RES_OPTIONS=ndots:0", "foo. foo.one.")]
    public void Short_names_stand_for_longer_ones(string configuration, string variables, string names) =>
        DnsScript.Expect($"echo '{configuration}' >/etc/resolv.conf; {variables} dnsqualify foo | tr '\\n' ' '", names + "<SPACE>");

    [Fact]
    public void A_next_candidate_is_asked_when_the_one_before_has_nothing() => DnsScript.Expect("""
        servers 127.0.0.10=good
        echo nameserver 127.0.0.10 >/etc/resolv.conf
        echo search no.x test >>/etc/resolv.conf
        dnsip4 -q foo
        queries
        dnsip4 -q multi.test | head -1
        queries
        """, """
        10.3.3.3
        127.0.0.10 udp A foo.no.x edns
        127.0.0.10 udp A foo.test edns
        10.0.0.3
        127.0.0.10 udp A multi.test edns
        """);

    [Theory]
    [InlineData("resolv 127.0.0.10", "", "10.1.2.3")]
    [InlineData("resolv 127.0.0.99", "DNSCACHEIP=127.0.0.10", "10.1.2.3")]
    [InlineData("resolv 127.0.0.10", "DNSCACHEIP=nope", "10.1.2.3", "s6-dnsip4: warning: ignoring invalid address of a DNS server: nope")]
    [InlineData("resolv 127.0.0.10", "DNSCACHEIP=", "10.1.2.3")]
    [InlineData("mkdir /etc/resolv.conf", "DNSCACHEIP=127.0.0.10", "10.1.2.3")] // B28
    [InlineData("mkdir /etc/resolv.conf", "", "111", "s6-dnsip4: fatal: unable to initialize structures from /etc/resolv.conf: Is a directory")]
    [InlineData("true", "", "10.1.2.3")] // no file: 127.0.0.1 and ::1
    [InlineData(": >/etc/resolv.conf", "", "10.1.2.3")]
    [InlineData("head -c 1000000 /dev/zero | tr '\\0' x >/etc/resolv.conf", "", "10.1.2.3")]
    [InlineData("head -c 100000 /dev/urandom >/etc/resolv.conf", "", "10.1.2.3")]
    public void Servers_are_found(string before, string variables, string output, string error = "") => DnsScript.Expect(
        $"servers 127.0.0.1=good 127.0.0.10=good; {before}; {variables} dnsip4 a.test || echo $?", output, error);

    [Fact]
    public void Packets_are_shown_on_their_way() => DnsScript.Expect("""
        servers 127.0.0.10=truncate
        resolv 127.0.0.10
        dates() { sed -E 's/query id [0-9]+/query id N/; s/Sent query [0-9]+/Sent query N/; s/20[0-9]{2}(-[0-9]{2}){2} ([0-9]{2}:){2}[0-9]{2}\.[0-9]{9}/DATE/; s/(query: 1 ).*/\1a.test./i'; }
        dnsqr -1 -D 3 A a.test | dates
        dnsq -D 2 -t 9000 A a.test 127.0.0.10 2>&1 >/dev/null | dates | head -1
        dnsq -1 -D 1 A a.test 127.0.0.10 | grep -c '^Received a packet:$'
        dnsq -1 -D 1 A a.test 127.0.0.10 >/dev/full; echo $?
        TZ=UTC date +%Y-%m-%d >before
        date=$(dnsq -D 2 A a.test 127.0.0.10 2>&1 >/dev/null | grep -om1 'deadline is [^ ]*' | cut -d' ' -f3)
        TZ=UTC date +%Y-%m-%d | cat before - | grep -cx "$date" | { read -r n; echo $((n > 0)); }
        dnsq -D x A a.test 127.0.0.10; echo $?
        """, """
        Preparing to send via UDP to cache 127.0.0.10 with deadline "infinite", query id N:
        35 bytes, 1+0+0+1 records, rd, noerror
        query: 1 a.test.
        additional: weird class (1232), not attempting to analyze record
        (blank line)
        Sent query N - next recv deadline is DATE
        (blank line)
        Received a packet:
        24 bytes, 1+0+0+0 records, response, truncated, rd, ra, noerror
        query: 1 a.test.
        (blank line)
        Preparing to send via TCP to cache 127.0.0.10 with deadline "infinite", query id N:
        35 bytes, 1+0+0+1 records, rd, noerror
        query: 1 a.test.
        additional: weird class (1232), not attempting to analyze record
        (blank line)
        Sent query N - next recv deadline is DATE
        (blank line)
        Received a packet:
        40 bytes, 1+1+0+0 records, response, rd, ra, noerror
        query: 1 a.test.
        answer: a.test. 60 A 10.1.2.3
        (blank line)
        40 bytes, 1+1+0+0 records, response, rd, ra, noerror
        query: 1 a.test.
        answer: a.test. 60 A 10.1.2.3
        Preparing to send via UDP to server 127.0.0.10 with deadline "DATE", query id N:
        2
        111
        1
        100
        """, """
        s6-dnsq: fatal: unable to write to stdout: No space left on device
        s6-dnsq: fatal: invalid number for -D: x
        s6-dnsq: usage: s6-dnsq ...
        """);

    [Fact]
    public void Random_addresses_are_addresses() => Script.Expect("""
        randomip -n 3 | grep -cE '^([0-9]{1,3}\.){3}[0-9]{1,3}$'
        randomip -6 -n 3 | grep -c '^[0-9a-f:]*$'
        randomip -4 -6 -n 200 | cut -c1-100 | grep -c : | { read -r n; echo $((n > 50 && n < 150)); }
        randomip -n 0
        randomip | head -1 | wc -l
        randomip -n x; echo $?
        """, """
        3
        3
        1
        1
        100
        """, "s6-randomip: fatal: invalid number for -n: x\ns6-randomip: usage: s6-randomip ...");
}
