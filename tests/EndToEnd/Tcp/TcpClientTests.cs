using Xunit;

namespace LocalService.Tests.EndToEnd;

/// <summary>The client of TCP: addresses that don't answer, timeouts, names that lie.</summary>
public sealed class TcpClientTests
{
    [Fact]
    public void An_address_that_does_not_answer_holds_the_next_one_up_for_a_moment_only() => NetworkScript.Expect(
        """
        ip addr add 2001:db8::1/128 dev lo nodad
        tcp_clients.py silent 2001:db8::1 & wait_for listens 2001:db8::1 8001
        srv 127.0.0.1 8001
        printf 'h.x AAAA 2001:db8::1\nh.x A 127.0.0.1\n' | dns
        start=${EPOCHREALTIME/./}
        s6-tcpclient -v -l x -T 10 h.x 8001 true
        [ $((${EPOCHREALTIME/./} - start)) -lt 5000000 ] && echo soon
        """,
        "soon",
        "s6-tcpclient: info: connected to 127.0.0.1 port 8001");

    [Fact]
    public void A_failure_is_followed_by_the_next_address_at_once_and_reported_in_the_end() => NetworkScript.Expect(
        "s6-tcpclient -H -l x 127.0.0.8,::1,127.0.0.9 8001 true; echo $?; srv 127.0.0.9 8001; s6-tcpclient -v -H 127.0.0.8,127.0.0.9 8001 true",
        "111",
        """
        s6-tcpclient: warning: unable to connect to 127.0.0.8 port 8001: Connection refused
        s6-tcpclient: warning: unable to connect to ::1 port 8001: Connection refused
        s6-tcpclient: warning: unable to connect to 127.0.0.9 port 8001: Connection refused
        s6-tcpclient: fatal: unable to connect to a suitable IP address
        s6-tcpclient: info: connected to 127.0.0.9 port 8001
        """);

    [Fact]
    public void Nothing_is_inherited_from_another_connection() => NetworkScript.Expect(
        """
        srv 127.0.0.1 8001
        export TCPREMOTEHOST=o TCPREMOTEINFO=o TCPLOCALHOST=o TCPREMOTEIP=9.9.9.9
        s6-tcpclient -H 127.0.0.1 8001 tcpenv
        """,
        """
        PROTO=TCP
        TCPLOCALIP=127.0.0.1
        TCPLOCALPORT=PORT
        TCPREMOTEIP=127.0.0.1
        TCPREMOTEPORT=8001
        """);

    [Fact]
    public void Dead_DNS_ends_with_the_limit() => NetworkScript.Expect(
        "echo 'h.x DROP' | dns; s6-tcpclient -t 1 h.x 8001 true; echo $?",
        "111",
        "s6-tcpclient: fatal: unable to resolve h.x: query timed out");

    [Fact]
    public void Input_that_ends_is_passed_on_while_the_server_goes_on() => NetworkScript.Expect(
        """
        s6-tcpserver 127.0.0.1 8001 sh -c 'echo first; exec >&-; cat >got; echo end >done' & up 8001
        : >answer
        { until grep -q first answer; do sleep 0.02; done; echo later; } | s6-tcpclient -H 127.0.0.1 8001 s6-ioconnect >answer
        wait_for test -e done
        cat answer got
        """,
        "first\nlater");

    [Fact]
    public void A_server_that_vanishes_ends_ioconnect() => NetworkScript.Expect(
        """
        s6-tcpserver 127.0.0.1 8001 python3 -c 'import socket,struct; s = socket.socket(fileno=0); s.recv(1); s.setsockopt(1, 13, struct.pack("ii", 1, 0)); s.close()' & up 8001
        { head -c 10000000 /dev/zero; } | s6-tcpclient -H 127.0.0.1 8001 s6-ioconnect 2>/dev/null; echo $?
        """,
        "111");

    [Fact]
    public void Without_IPv6_the_other_address_is_taken() => NetworkScript.Expect(
        """
        srv 127.0.0.1 8001
        echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
        printf 'h.x AAAA ::1\nh.x A 127.0.0.1\n' | dns
        s6-tcpclient -v -l x h.x 8001 true
        s6-tcpclient -H -v ::1,127.0.0.1 8001 true
        """,
        "",
        "s6-tcpclient: info: connected to 127.0.0.1 port 8001\ns6-tcpclient: info: connected to 127.0.0.1 port 8001");
}
