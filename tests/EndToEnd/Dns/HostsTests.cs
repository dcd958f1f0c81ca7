using Xunit;

namespace LocalService.Tests.EndToEnd.Dns;

/// <summary>/etc/hosts and its compiled form. Specification "dns", section 4.2 and cases 66 and 67, with B9 and B29.</summary>
public sealed class HostsTests
{
    private const string Hosts = """
        printf '127.0.0.1 localhost\n10.5.5.5 Foo.Bar foo # home\n\n10.5.5.6 foo.bar\nfd00::9 foo.bar six\nfe80::1%%lo link\n' >/etc/hosts
        resolv 127.0.0.99

        """;

    private const string Look = """
        dnsip -h foo.bar
        dnsip4 -h foo
        dnsip6 -h SIX.
        dnsname -h 10.5.5.5
        dnsname -h fd00::9
        """;

    private const string Found = """
        10.5.5.5
        10.5.5.6
        fd00::9
        10.5.5.5
        fd00::9
        foo.bar.
        foo.
        foo.bar.
        six.
        """;

    [Fact]
    public void The_text_is_read() => DnsScript.Expect(Hosts + Look, Found);

    [Fact]
    public void The_compiled_form_is_as_good() => DnsScript.Expect(
        Hosts + """
        dns-hosts-compile
        stat -c %a /etc/hosts.cdb
        rm /etc/hosts
        """ + "\n" + Look, "644\n" + Found);

    [Fact]
    public void It_has_the_keys_of_the_C_tools() => DnsScript.Expect(
        Hosts + """
        umask 077
        dns-hosts-compile -i /etc/hosts -o out
        stat -c %a out
        cdb -d out | grep -aoE '(a4|a6|u4|u6):[a-z.]*' | LC_ALL=C sort | tr '\n' ' '
        """, """
        644
        a4:foo.bar. a4:localhost. a6:foo.bar. u4:foo u6:six<SPACE>
        """);

    [Fact]
    public void Equal_files_give_equal_databases() => DnsScript.Expect(
        "for i in {1..3000}; do echo 10.0.$((i / 250)).$((i % 250)) host$i.test host$i; done >/etc/hosts\n" +
        "dns-hosts-compile -o a; dns-hosts-compile -o b; cmp a b && cdb -d a | grep -aoE ':(a4|u4|p4):' | wc -l", "9000");

    [Theory]
    [InlineData("touch -d tomorrow /etc/hosts", "10.5.5.5")] // older: the text counts
    [InlineData(": >/etc/hosts.cdb", "10.5.5.5")] // empty: none
    [InlineData("head -c 3000 /dev/urandom >/etc/hosts.cdb; touch -d tomorrow /etc/hosts.cdb", "10.5.5.5", "Invalid argument")]
    public void The_text_counts_where_the_database_does_not(string change, string output, string warning = "") => DnsScript.Expect(
        Hosts + $"dns-hosts-compile; printf '10.6.6.6 foo\\n' >other; dns-hosts-compile -i other -o /etc/hosts.cdb\n{change}\ndnsip4 -h foo", output,
        warning.Length == 0 ? "" : $"s6-dnsip4: warning: unable to use /etc/hosts.cdb: {warning}");

    [Fact]
    public void The_database_counts_where_it_is_newer() => DnsScript.Expect(
        Hosts + "printf '10.6.6.6 foo\\n' >other; dns-hosts-compile -i other; touch -d tomorrow /etc/hosts.cdb; dnsip4 -h foo", "10.6.6.6");

    [Fact]
    public void Wrong_lines_are_left_out() => DnsScript.Expect(
        "printf '10.5.5.5junk x\\n10.5.5.5\\n10.5.5.5 a..b\\n10.5.5.5 good\\n' >/etc/hosts; dns-hosts-compile; touch -d tomorrow /etc/hosts.cdb; dnsip4 -h good", "10.5.5.5",
        "s6-dns-hosts-compile: warning: ignoring wrong lines: 3");
}
