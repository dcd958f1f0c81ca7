using Xunit;

namespace LocalService.Tests.EndToEnd.Dns;

/// <summary>Filters that query a skadnsd behind a socket, <c>-S</c>. Specification "dns", sections 1 and 3, "fd-passing", section 4.2.</summary>
public sealed class FilterSessionTests
{
    private const string Good = "servers 127.0.0.10=good; resolv 127.0.0.10\n";

    [Fact]
    public void They_work_behind_a_gate() => DnsScript.Expect(Good + """
        grant uid/1000
        serve -u 1001 -g 1001 -- sock s6-ipcserver-access -v 0 -i r s6-skadnsd
        as() { setpriv --reuid $1 --regid $1 --clear-groups "${@:2}"; }
        printf 'a.test y\nnx.test q\nnodata.test z\n. r\na..b x\nmulti.test' | as 1000 dnsip4-filter -S sock -f '%s=%n%w%r'
        echo a.test | as 1000 dnsip6-filter --socket=sock
        printf '10.1.2.9:80 x\nfoo\n' | as 1000 dnsname-filter -S sock -f '%s=%n%w%r'
        echo a.test | as 1002 dnsip4-filter -S sock; echo $?
        """, """
        a.test=10.1.2.3 y
        nx.test=<no such domain> q
        nodata.test= z
        .=10.0.0.0 r
        a..b=<invalid name> x
        multi.test=10.0.0.3,10.0.0.1,10.0.0.2
        a.test=fd00::1
        10.1.2.9=one.test.,two.test.:80 x
        foo=<invalid address>
        111
        """, "s6-dnsip4-filter: fatal: unable to begin a session with the skadnsd at sock: Broken pipe");

    [Theory]
    [InlineData("-c 1", 300)]
    [InlineData("-c 4096", 10000)]
    [InlineData("-c 65535", 10000)]
    public void Lines_come_out_in_their_order(string options, int count) => DnsScript.Expect(
        Good + $$"""
        serve -- sock s6-skadnsd
        for i in {1..{{count}}}; do echo n$i.test $i; done >in
        timeout 50 dnsip4-filter -S sock {{options}} <in >out
        for i in {1..{{count}}}; do echo n$i.test=10.9.$((i / 256)).$((i % 256)) $i; done | cmp - out && echo same
        """, "same");

    // Megabytes of events at once, while the reader doesn't read the lines.
    [Fact]
    public void A_reader_may_take_its_time() => DnsScript.Expect(Good + """
        serve -- sock s6-skadnsd
        for i in {1..4000}; do echo many.test $i; done >in
        dnsip4-filter -S sock -c 4000 -f '%n%w%r' <in | { sleep 0.5; cut -d' ' -f2; } | cmp - <(seq 4000) && echo same
        yes a.test | dnsip4-filter -S sock | head -1
        """, "same\na.test=10.1.2.3");

    [Fact]
    public void Queries_have_limits() => DnsScript.Expect(Good + """
        serve -- sock s6-skadnsd
        printf 'slow5000.test x\na.test y\n' | dnsip4-filter -S sock -t 500
        """, "slow5000.test=<query timed out> x\na.test=10.1.2.3 y");

    [Fact]
    public void A_missing_server_is_told() => DnsScript.Expect(Good + """
        echo a.test | dnsip4-filter -S nothing; echo $?
        python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("stale")'
        echo a.test | dnsip4-filter -S stale; echo $?
        serve -- other sh -c "exec cat 2>/dev/null"
        echo a.test | dnsip4-filter -S other; echo $?
        serve -- ends true
        echo a.test | dnsip4-filter -S ends; echo $?
        """, "111\n111\n111\n111", """
        s6-dnsip4-filter: fatal: unable to begin a session with the skadnsd at nothing: No such file or directory
        s6-dnsip4-filter: fatal: unable to begin a session with the skadnsd at stale: Connection refused
        s6-dnsip4-filter: fatal: unable to begin a session with the skadnsd at other: Protocol error
        s6-dnsip4-filter: fatal: unable to begin a session with the skadnsd at ends: Broken pipe
        """);

    [Theory]
    [InlineData("TERM")]
    [InlineData("KILL")]
    public void A_server_that_goes_is_told(string signal) => DnsScript.Expect(Good + $$"""
        serve -- sock s6-skadnsd
        mkfifo to
        dnsip4-filter -S sock <to >out &
        filter=$!
        exec 5>to
        printf 'a.test y\nslow9000.test q\n' >&5
        until_true grep -q slow9000 queries
        until_true grep -q 10.1.2.3 out
        kill -{{signal}} $(pgrep -P $server)
        wait $filter; echo $?
        cat out
        """, "111\na.test=10.1.2.3 y\nslow9000.test=<Broken pipe> q", "s6-dnsip4-filter: fatal: lost the session with the skadnsd at sock: Broken pipe");

    // A silent daemon is left after a minute, or ten seconds after the time of a query. The clock runs a hundred times as fast.
    [Theory]
    [InlineData("", 600)]
    [InlineData("-t 500", 105)]
    [InlineData("-t 4000000", 600)]
    public void A_silent_server_is_left(string options, int milliseconds) => DnsScript.Expect(WallClockTests.Build + Good + $$"""
        serve -- sock s6-skadnsd
        mkfifo to
        echo 0 >report.offset
        ./jumpclock report dnsip4-filter -S sock {{options}} <to >out &
        filter=$!
        exec 5>to
        printf 'a.test y\n' >&5
        until_true grep -q 10.1.2.3 out
        kill -STOP $(pgrep -P $server)
        echo 100 >report.speed
        start=${EPOCHREALTIME/./}
        printf 'multi.test q\n' >&5
        wait $filter; echo $?
        echo $((${EPOCHREALTIME/./} - start > {{milliseconds - 5}}000))
        cat out
        """, "111\n1\na.test=10.1.2.3 y\nmulti.test=<query timed out> q",
        "s6-dnsip4-filter: fatal: lost the session with the skadnsd at sock: Connection timed out");

    [Fact]
    public void An_empty_path_is_no_leave_to_ask_without_the_daemon() => DnsScript.Expect(
        "echo a.test | dnsip4-filter -S '' 2>&1 | head -1; echo ${PIPESTATUS[1]}", "s6-dnsip4-filter: fatal: invalid socket for -S: \n100");

    [Fact]
    public void A_server_that_does_not_even_greet_is_left() => DnsScript.Expect(WallClockTests.Build + """
        echo 100 >report.speed
        serve -- sock sleep 100
        echo a.test | ./jumpclock report dnsip4-filter -S sock; echo $?
        """, "111", "s6-dnsip4-filter: fatal: unable to begin a session with the skadnsd at sock: Connection timed out");

    // The maximum time of a query, on a clock as fast as that of the filter's timeout.
    [Fact]
    public void A_server_that_has_no_answer_is_not_left() => DnsScript.Expect(WallClockTests.Build + """
        servers 127.0.0.10=silent; resolv 127.0.0.10
        echo 20 >report.speed; echo 20 >daemon.speed
        T='./jumpclock daemon' serve -- sock s6-skadnsd -c 1
        start=${EPOCHREALTIME/./}
        printf 'a.test\nmulti.test\n' | ./jumpclock report dnsip4-filter -S sock; echo $?
        echo $((${EPOCHREALTIME/./} - start > 1000000))
        """, "a.test=<no available DNS server>\nmulti.test=<no available DNS server>\n0\n1");
}
