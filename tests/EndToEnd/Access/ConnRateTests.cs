using Xunit;

namespace LocalService.Tests.EndToEnd.Access;

/// <summary>How often a client may connect, and what it is told when it is refused.</summary>
public sealed class ConnRateTests
{
    [Theory]
    [InlineData(""), InlineData("-S"), InlineData("-j 1")]
    public void No_more_connections_are_let_in_than_the_rate_says_however_many_come_at_once(string mode) => Script.Expect(
        $$"""
        mkdir rates
        serve {{mode}} -c 100 -C 100 sock s6-connrate -n 7 -s 100 -m 'too many' rates echo in 2>log
        for i in {1..40}; do cl >answer.$i & clients+=($!); done; wait ${clients[*]}
        cat answer.* | sort | uniq -c; ls rates; stat -c %a rates/*
        grep -c 'fatal: connections from this client limited in time: uid-0' log
        as1000 s6-ipcclient sock s6-ioconnect </dev/null
        kill $server
        """,
        """
              7 in
             33 too many
        uid-0.7
        600
        33
        in
        """);

    [Fact]
    public void A_period_is_over_by_the_oldest_connection() => Script.Expect(
        """
        mkdir rates; export PROTO=IPC IPCREMOTEEUID=5
        rate() { s6-connrate "$@" rates echo in 2>&1; echo $?; }
        rate -n 2 -s 1; rate -n 2 -s 1; rate -n 2 -s 1
        again() { [ "$(rate -n 2 -s 1 | head -1)" = in ]; }
        until_true again
        rate -n 1 -s 1000000; rate -n 1 -s 1000000; rate -n 2 -s 1000000
        """,
        """
        in
        0
        in
        0
        s6-connrate: fatal: connections from this client limited in time: uid-5
        1
        in
        0
        s6-connrate: fatal: connections from this client limited in time: uid-5
        1
        s6-connrate: fatal: connections from this client limited in time: uid-5
        1
        """);

    [Fact]
    public void Over_TCP_a_network_is_a_client() => Script.Expect(
        """
        mkdir rates; export PROTO=TCP
        for ip in 192.0.2.1 192.0.2.2 ::ffff:192.0.2.1 2001:db8::1 2001:db8::ffff:1 2001:db8:0:1::1 nonsense; do
            TCPREMOTEIP=$ip s6-connrate -n 1 -s 1000 rates echo in; echo $?
        done 2>&1
        ls rates
        """,
        """
        in
        0
        in
        0
        s6-connrate: fatal: connections from this client limited in time: ip4-192.0.2.1
        1
        in
        0
        s6-connrate: fatal: connections from this client limited in time: ip6-2001:db8::
        1
        in
        0
        s6-connrate: fatal: invalid $TCPREMOTEIP
        100
        ip4-192.0.2.1.1
        ip4-192.0.2.2.1
        ip6-2001:db8:0:1::.1
        ip6-2001:db8::.1
        """);

    [Fact]
    public void What_can_not_be_counted_is_refused() => Script.Expect(
        """
        export PROTO=IPC IPCREMOTEEUID=5
        rate() { s6-connrate -n 1 -s 1000 "$1" echo in 2>&1; echo $?; }
        rate rates; mkdir rates
        ln -s /dev/null rates/uid-5.1; rate rates; rm rates/uid-5.1
        mkdir rates/uid-5.1; rate rates; rmdir rates/uid-5.1
        mkfifo rates/uid-5.1; rate rates; rm rates/uid-5.1
        echo x >rates/uid-5.1; rate rates
        head -c 100 /dev/zero | tr '\0' '\377' >rates/uid-5.1; rate rates
        ulimit -f 0; rm rates/uid-5.1; trap '' XFSZ; rate rates
        """,
        """
        s6-connrate: fatal: unable to count the connections of uid-5 in rates: No such file or directory
        111
        s6-connrate: fatal: unable to count the connections of uid-5 in rates: Too many levels of symbolic links
        111
        s6-connrate: fatal: unable to count the connections of uid-5 in rates: Is a directory
        111
        s6-connrate: fatal: unable to count the connections of uid-5 in rates: Invalid argument
        111
        s6-connrate: fatal: unable to count the connections of uid-5 in rates: Invalid argument
        111
        s6-connrate: fatal: unable to count the connections of uid-5 in rates: Invalid argument
        111
        s6-connrate: fatal: unable to count the connections of uid-5 in rates: File too large
        111
        """);

    [Theory]
    [InlineData(1, 1), InlineData(1, 8), InlineData(2, 8), InlineData(2, 16), InlineData(4, 8), InlineData(4, 24), InlineData(6, 8), InlineData(6, 24), InlineData(6, 39), InlineData(6, 41)]
    public void Times_that_are_lost_let_nobody_in(int before, int size) => Script.Expect(
        $$"""
        mkdir rates; export PROTO=IPC IPCREMOTEEUID=5
        for i in {1..{{before}}}; do s6-connrate -n 4 -s 1000 rates true; done 2>/dev/null
        stat -c %s rates/uid-5.4
        truncate -s {{size}} rates/uid-5.4
        s6-connrate -n 4 -s 1000 rates echo in; echo $?
        """,
        "40\n111",
        "s6-connrate: fatal: unable to count the connections of uid-5 in rates: Invalid argument");

    [Fact]
    public void Whatever_call_fails_the_client_is_refused_and_the_next_ones_are_counted() => Script.Expect(
        """
        export PROTO=IPC IPCREMOTEEUID=5
        rate() { s6-connrate -n 2 -s 1000 rates echo in 2>/dev/null; }
        for before in 0 1 2; do
            for fault in openat:1 openat:2 fstat:1 flock:1 pread64:1 pread64:2 pwrite64:1 pwrite64:2 pwrite64:3; do
                rm -rf rates; mkdir rates
                for ((i = 0; i < before; i++)); do rate; done >let-in
                strace -qq -o calls -e trace=${fault%:*} -e inject=${fault%:*}:error=ENOSPC:when=${fault#*:} s6-connrate -n 2 -s 1000 rates echo in >answer 2>/dev/null
                code=$?
                # 127: it was let in, and the call that failed is one that the program is searched with.
                if [ $code = 127 ] || ! grep -q INJECTED calls; then continue; fi
                for i in 1 2 3; do rate; done >>let-in
                echo "$code $(cat answer let-in | wc -l)$( [ $fault = pwrite64:2 -a $before = 1 ] && echo ' the time is taken for the oldest one')"
            done
        done | sort -u
        """,
        "111 1 the time is taken for the oldest one\n111 2");

    [Fact]
    public void Gates_with_other_limits_do_not_forget_each_others_connections() => Script.Expect(
        """
        export PROTO=IPC IPCREMOTEEUID=5
        mkdir rates
        rate() { s6-connrate -n $1 -s 1000 rates echo in 2>&1; }
        rate 1; rate 2; rate 1; rate 2; rate 2
        """,
        """
        in
        in
        s6-connrate: fatal: connections from this client limited in time: uid-5
        in
        s6-connrate: fatal: connections from this client limited in time: uid-5
        """);

    [Theory]
    [InlineData(""), InlineData("-S")]
    public void A_refused_client_is_told(string mode) => Script.Expect(
        $$"""
        put uid/1000/allow
        serve {{mode}} sock s6-ipcserver-access -v0 -m 'not you' -i r s6-connlimit -m 'enough of you' echo in
        cl
        as1000 s6-ipcclient sock s6-ioconnect </dev/null
        kill $server
        mkdir r/uid/1000/env; echo 0 >r/uid/1000/env/IPCCONNMAX
        serve {{mode}} other s6-ipcserver-access -v0 -m 'not you' -i r s6-connlimit -m 'enough of you' sh -c 'echo in' 2>/dev/null
        as1000 s6-ipcclient other s6-ioconnect </dev/null
        yes | head -c 100000 | s6-ipcclient other sh -c '(cat >&7; cat <&6) 2>/dev/null'
        kill $server
        """,
        """
        not you
        in
        enough of you
        not you
        """);

    [Theory]
    [InlineData(""), InlineData("-S")]
    public void A_refused_client_is_told_over_TCP(string mode) => Script.Expect(
        $$"""
        ip link set lo up; mkdir -p r/ip4/127.0.0.2_32; touch r/ip4/127.0.0.2_32/allow
        mkfifo ready; s6-tcpserver -1 {{mode}} 127.0.0.1 0 s6-tcpserver-access -H -v0 -m 'not you' -i r echo in >ready & server=$!
        read -r port <ready
        s6-tcpclient 127.0.0.1 $port sh -c 'cat <&6'
        s6-tcpclient -i 127.0.0.2 127.0.0.1 $port sh -c 'cat <&6'
        kill $server
        """,
        """
        not you
        in
        """);
}
