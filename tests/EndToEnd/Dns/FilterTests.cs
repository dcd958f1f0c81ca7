using Xunit;

namespace LocalService.Tests.EndToEnd.Dns;

/// <summary>The filters. Specification "dns", section 3 and cases 42 to 53 and 68, with B4, B15, B17, B18, B21 and B22.</summary>
public sealed class FilterTests
{
    private const string Good = "servers 127.0.0.10=good; resolv 127.0.0.10\n";

    [Fact]
    public void The_word_that_begins_a_line_is_looked_up() => DnsScript.Expect(
        Good + @"printf 'a.test y\nnx.test q\nnodata.test z\nA.TEST. y\na.test\r\n. z\na b\nlast.test' | dnsip4-filter | tr '\r' R",
        """
        a.test=10.1.2.3 y
        nx.test=<no such domain> q
        nodata.test= z
        A.TEST.=10.1.2.3 y
        a.test=10.1.2.3R
        .=10.0.0.0 z
        a=10.1.1.1 b
        last.test=<no such domain>
        """);

    [Fact]
    public void What_is_no_name_says_so() => DnsScript.Expect(
        Good + @"printf '\n a.test z\na..test z\n.test\nllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllll x\n' | dnsip4-filter",
        """
        =<invalid name>
        =<invalid name> a.test z
        a..test=<invalid name> z
        .test=<invalid name>
        llllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllll=<name too long> x
        """);

    [Fact]
    public void Addresses_end_where_nothing_can_belong_to_them() => DnsScript.Expect(
        Good + """
        printf '10.1.2.3 x\n10.1.2.3:80 a\n10.1.2.3/24\n10.1.2.3junk q\nfd00::1 w\nfoo z\n10.1.2.4\n' | dnsname-filter
        printf 'fd00::1%%lo x\nfd00::1:\n10.1.2.3 y\n' | dnsname-filter -6
        printf 'fd00::1 x\n10.1.2.3 y\n' | dnsname-filter -6 -4
        """,
        """
        10.1.2.3=a.test. x
        10.1.2.3=a.test.:80 a
        10.1.2.3=a.test./24
        10.1.2.3junk=<invalid address> q
        fd00::1=<invalid address> w
        foo=<invalid address> z
        10.1.2.4=te\000\027\(.test.
        fd00::1=six.test.%lo x
        fd00::1:=<invalid address>
        10.1.2.3=<invalid address> y
        fd00::1=six.test. x
        10.1.2.3=a.test. y
        """);

    [Fact]
    public void A_comma_in_a_name_separates_no_records() => DnsScript.Expect(
        Good + "echo 10.1.2.5 | dnsname-filter -f '%d'; echo 10.1.2.5 | dnsname-filter -f '%n'",
        "trusted.test.\\,.evil.\ntrusted.test.\\,.evil.,a\\,b.test.");

    [Theory]
    [InlineData("mkdir /etc/hosts", "Is a directory")]
    [InlineData("ln -s hosts /etc/hosts", "Too many levels of symbolic links")]
    public void Hosts_that_can_no_longer_be_read_stay_as_they_were(string change, string reason) => DnsScript.Expect(Good + $$"""
        echo 10.1.1.1 host.one >/etc/hosts
        mkfifo to from
        dnsname-filter -h <to >from & filter=$!
        exec 5>to 6<from
        echo 10.1.1.1 a >&5; read -r line <&6; echo $line
        rm /etc/hosts; {{change}}
        sleep 1.1
        echo 10.1.1.1 b >&5; read -r line <&6; echo $line
        echo 10.1.2.3 c >&5; read -r line <&6; echo $line
        exec 5>&-; wait $filter; echo $?
        """, """
        10.1.1.1=host.one. a
        10.1.1.1=host.one. b
        10.1.2.3=a.test. c
        0
        """, $"s6-dnsname-filter: warning: unable to read /etc/hosts: {reason}");

    [Fact]
    public void Lines_have_a_form() => DnsScript.Expect(
        Good + """
        printf 'a.test\ty\nnx.test q\nmulti.test' | dnsip4-filter -f '[%s|%d|%n|%w|%r|%%]' -e '<%s|%e|%w|%r>'
        echo 10.1.2.9 | dnsname-filter -f '%d %n'
        echo fd00::1 | dnsname-filter -6 -f ''
        echo a.test | dnsip6-filter -f '\n'
        for wrong in '-f %' '-f %e' '-e %d' '-f %x'; do dnsip4-filter $wrong; echo $?; done
        """,
        """
        [a.test|10.1.2.3|10.1.2.3|<TAB>|y|%]
        <nx.test|no such domain| |q>
        [multi.test|10.0.0.3|10.0.0.3,10.0.0.1,10.0.0.2|||%]
        one.test. one.test.,two.test.
        (blank line)
        \n
        111
        111
        111
        111
        """,
        """
        s6-dnsip4-filter: fatal: unable to format a string: Invalid argument
        s6-dnsip4-filter: fatal: unable to format a string: Invalid argument
        s6-dnsip4-filter: fatal: unable to format a string: Invalid argument
        s6-dnsip4-filter: fatal: unable to format a string: Invalid argument
        """);

    [Theory]
    [InlineData("-c 0", 100)]
    [InlineData("", 3000)]
    [InlineData("-l 1", 3000)]
    [InlineData("-c 3000 -l 65535", 3000)] // C: answers and events wait for each other
    [InlineData("-c 65535", 10000)] // C: loops forever
    public void Lines_come_out_in_their_order(string options, int count) => DnsScript.Expect(
        Good + $$"""
        for i in {1..{{count}}}; do echo n$i.test $i; done >in
        timeout 50 dnsip4-filter {{options}} <in >out
        for i in {1..{{count}}}; do echo n$i.test=10.9.$((i / 256)).$((i % 256)) $i; done | cmp - out && echo same
        """, "same");

    [Fact]
    public void Few_descriptors_are_enough() => DnsScript.Expect(
        Good + """
        for i in {1..1000}; do echo n$i.test $i; done >in
        (ulimit -n 20; timeout 50 dnsip4-filter -c 1000 <in >out)
        cut -d' ' -f2 out | cmp - <(seq 1000) && grep -c '=10.9.' out
        """, "1000");

    [Fact]
    public void An_interactive_user_sees_each_line_at_once() => DnsScript.Expect(
        Good + """
        mkfifo to from
        dnsip4-filter <to >from &
        exec 5>to 6<from
        echo a.test >&5; read -r line <&6; echo $line
        echo nx.test >&5; read -r line <&6; echo $line
        exec 5>&-
        wait $!; echo $?
        """, """
        a.test=10.1.2.3
        nx.test=<no such domain>
        0
        """);

    [Fact]
    public void Each_query_has_its_limit() => DnsScript.Expect(
        Good + @"printf 'slow700.test x\na.test y\n' | dnsip4-filter -t 200",
        """
        slow700.test=<query timed out> x
        a.test=10.1.2.3 y
        """);

    // A burst of thousands would overflow the buffer of its socket.
    [Fact]
    public void A_server_gets_time_to_read() => DnsScript.Expect("""
        servers 127.0.0.10=silent; resolv 127.0.0.10
        for i in {1..4096}; do echo n$i.test; done >in
        dnsip4-filter -c 4096 -t 60 <in | grep -c 'query timed out'
        until_true eval '(($(wc -l <queries) >= 200))'
        (($(wc -l <queries) < 3000)) && echo paced
        """, "4096\npaced");

    // Answers that came while the filter was stopped count as in time.
    [Fact]
    public void A_stopped_filter_finds_its_answers() => DnsScript.Expect(
        Good + """
        for i in {1..500}; do echo n$i.test; done >in
        mkfifo to
        >out
        dnsip4-filter -t 2000 -c 500 <to >out &
        filter=$!
        exec 5>to
        echo a.test >&5
        until_true grep -q a.test out
        cat in >&5
        until_true grep -q n500.test queries
        kill -STOP $filter
        sleep 2.5
        kill -CONT $filter
        exec 5>&-
        wait $filter; echo $?
        grep -c '=10' out
        """, "0\n501");

    [Fact]
    public void A_line_may_have_any_length() => DnsScript.Expect(
        Good + "{ printf 'a.test '; head -c 1000000 /dev/zero | tr '\\0' x; } | dnsip4-filter | wc -c", "1000017");

    [Fact]
    public void Trouble_with_the_channels_is_told() => DnsScript.Expect(
        Good + """
        dnsip4-filter <&-; echo $?
        echo a.test | dnsip4-filter >/dev/full; echo $?
        echo a.test | dnsip4-filter >&-; echo $?
        yes a.test | dnsip4-filter | head -1
        """, """
        0
        111
        111
        a.test=10.1.2.3
        """, """
        s6-dnsip4-filter: fatal: unable to write to stdout: No space left on device
        s6-dnsip4-filter: fatal: unable to write to stdout: Bad file descriptor
        """);

    [Fact]
    public void Equal_questions_that_are_pending_are_asked_once() => DnsScript.Expect(
        Good + """
        for i in {1..100}; do echo slow200.test; done | dnsip4-filter | sort | uniq -c | tr -s ' '
        queries
        """, """
         100 slow200.test=10.1.2.3
        127.0.0.10 udp A slow200.test edns
        """);

    [Fact]
    public void A_server_that_failed_is_asked_last_for_a_while() => DnsScript.Expect("""
        servers 127.0.0.10=silent 127.0.0.11=good
        resolv 127.0.0.10 127.0.0.11
        printf 'a.test\nmulti.test\nc.test\n' | dnsip4-filter -c 1
        queries
        """, """
        a.test=10.1.2.3
        multi.test=10.0.0.3
        c.test=10.1.2.3
        127.0.0.10 udp A a.test edns
        127.0.0.11 udp A a.test edns
        127.0.0.11 udp A multi.test edns
        127.0.0.11 udp A c.test edns
        """);

    [Fact]
    public void The_properties_of_a_server_are_remembered() => DnsScript.Expect("""
        servers 127.0.0.10=formerr 127.0.0.11=lower
        resolv 127.0.0.10
        printf 'a.test\nmulti.test\n' | dnsip4-filter -c 1 >/dev/null
        resolv 127.0.0.11
        # With as many letters some are capitals in the question.
        printf 'a-name-with-many-letters.test\nmulti.test\n' | dnsip4-filter -c 1 >/dev/null
        queries
        """, """
        127.0.0.10 udp A a.test edns
        127.0.0.10 udp A a.test
        127.0.0.10 udp A multi.test
        127.0.0.11 udp A a-name-with-many-letters.test edns
        127.0.0.11 tcp A a-name-with-many-letters.test edns
        127.0.0.11 tcp A multi.test edns
        """);

    [Fact]
    public void One_connection_serves_many_questions() => DnsScript.Expect("""
        servers 127.0.0.10=truncate
        resolv 127.0.0.10
        for i in {1..500}; do echo n$i.test $i; done >in
        strace -f -e trace=socket -o trace dnsip4-filter <in | grep -c '=10.9.'
        [ "$(grep -c SOCK_STREAM trace)" -le 2 ] && echo few
        """, "500\nfew");

    [Theory]
    [InlineData("resolv 127.0.0.11")] // written over
    [InlineData("echo nameserver 127.0.0.11 >/etc/new; mv /etc/new /etc/resolv.conf")] // replaced
    [InlineData("rm /etc/resolv.conf")] // then it is 127.0.0.1
    [InlineData("{ head -c 1000000 /dev/zero | tr '\\0' x; echo; echo nameserver 127.0.0.11; head -c 1000 /dev/urandom; } >/etc/new; mv /etc/new /etc/resolv.conf")]
    public void A_changed_configuration_counts(string change) => DnsScript.Expect($$"""
        servers 127.0.0.10=silent 127.0.0.11=good 127.0.0.1=good
        resolv 127.0.0.10
        mkfifo to from
        dnsip4-filter -t 300 <to >from &
        exec 5>to 6<from
        echo a.test >&5; read -r line <&6; echo $line
        {{change}}
        sleep 1.1
        echo a.test >&5; read -r line <&6; echo $line
        exec 5>&-; wait $!
        """, """
        a.test=<query timed out>
        a.test=10.1.2.3
        """);

    [Fact]
    public void A_configuration_that_cannot_be_read_does_not_replace_the_old() => DnsScript.Expect(Good + """
        mkfifo to from
        dnsip4-filter <to >from &
        exec 5>to 6<from
        echo a.test >&5; read -r line <&6; echo $line
        rm /etc/resolv.conf; mkdir /etc/resolv.conf
        sleep 1.1
        echo multi.test >&5; read -r line <&6; echo $line
        exec 5>&-; wait $!
        """, """
        a.test=10.1.2.3
        multi.test=10.0.0.3
        """, "s6-dnsip4-filter: warning: unable to read /etc/resolv.conf: Is a directory");

    // README and doc/recipes.md.
    [Fact]
    public void Names_replace_the_addresses_of_a_log() => DnsScript.Expect("""
        servers 127.0.0.10=good; resolv 127.0.0.10
        command=$(grep -o 's6-dnsname-filter .*access.log >named.log' "$README")
        for i in {1..3000}; do echo "10.1.2.3 - - [28/Nov/2026:10:00:00 +0000] \"GET /$i HTTP/1.1\" 200 $i"; echo "10.7.7.7 - - $i"; done >access.log
        eval "$command"
        sed 's/^10.1.2.3/a.test./' access.log | cmp - named.log && echo same
        """.Replace("$README", Repository.PathOf("README.md"), System.StringComparison.Ordinal), "same");

    [Fact]
    public void Hosts_come_first_where_they_are_wanted() => DnsScript.Expect(
        Good + """
        printf '10.5.5.5 Foo.Bar foo # home\nfd00::9 foo.bar six\nnonsense x\n10.5.5.6 foo.bar\n' >/etc/hosts
        printf 'foo.bar\nfoo\na.test\n' | dnsip4-filter -h -f '%s=%n'
        printf '10.5.5.5\n' | dnsname-filter -h -f '%s=%n'
        printf 'six\n' | dnsip6-filter -h
        dnsip -h foo.bar
        dnsip4 -h foo
        dnsip6 -h six
        dnsname -h 10.5.5.5
        """, """
        foo.bar=10.5.5.5,10.5.5.6
        foo=10.5.5.5
        a.test=10.1.2.3
        10.5.5.5=foo.bar.,foo.
        six=fd00::9
        10.5.5.5
        10.5.5.6
        fd00::9
        10.5.5.5
        fd00::9
        foo.bar.
        foo.
        """, string.Concat(System.Linq.Enumerable.Select(
            (string[])["dnsip4-filter", "dnsname-filter", "dnsip6-filter", "dnsip", "dnsip4", "dnsip6", "dnsname"],
            program => $"s6-{program}: warning: ignoring wrong lines of /etc/hosts: 1\n")));
}
