using Xunit;

namespace LocalService.Tests.EndToEnd.Dns;

/// <summary>Servers in common use: a forwarder, an authoritative server, and a resolver that queries the latter.</summary>
public sealed class RealServerTests
{
    [Theory]
    [InlineData("dnsmasq")]
    [InlineData("knot")]
    [InlineData("unbound")]
    public void Lookups_and_filters_work_with(string server) => DnsScript.Expect($$"""
        {
          echo 'a.test. 60 IN A 10.1.2.3'
          echo 'a.test. 60 IN AAAA fd00::1'
          echo 'alias.test. 60 IN CNAME a.test.'
          echo 'v6.test. 60 IN AAAA fd00::6'
          echo 'mx.test. 60 IN MX 10 m1.test.'
          echo 'txt.test. 60 IN TXT "hello" "world"'
          echo '_http._tcp.srv.test. 60 IN SRV 5 7 8080 a.test.'
          echo '3.2.1.10.in-addr.arpa. 60 IN PTR A.Test.'
          for i in {1..200}; do echo "many.test. 60 IN A 10.2.0.$i"; echo "n$i.test. 60 IN A 10.9.0.$i"; done
        } >zone
        real {{server}} 127.0.0.21
        resolv 127.0.0.21
        dnsip a.test
        dnsip4 alias.test
        dnsip4 many.test | sort -u | wc -l
        dnsmx mx.test
        dnstxt txt.test
        dnssrv http tcp srv.test
        dnsname 10.1.2.3
        dnsip4 v6.test; echo $?
        dnsip4 nope.test; echo $?
        dnsqr A a.test | grep ^answer | cut -d' ' -f2,4-
        for i in {1..200}; do echo "n$i.test $i"; done | dnsip4-filter -c 50 | cmp - <(for i in {1..200}; do echo "n$i.test=10.9.0.$i $i"; done) && echo same
        printf '10.1.2.3:80 x\n' | dnsname-filter
        """, """
        fd00::1
        10.1.2.3
        10.1.2.3
        200
        10 m1.test.
        "helloworld"
        5 7 8080 a.test.
        a.test.
        1
        2
        a.test. A 10.1.2.3
        same
        10.1.2.3=a.test.:80 x
        """, "s6-dnsip4: fatal: unable to resolve nope.test: no such domain");
}
