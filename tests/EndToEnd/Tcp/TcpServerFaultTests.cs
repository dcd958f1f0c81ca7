using Xunit;

namespace LocalService.Tests.EndToEnd;

/// <summary>Faults around a server on TCP: clients that are gone or silent, addresses that are taken or missing, no descriptors left.</summary>
public sealed class TcpServerFaultTests
{
    [Fact]
    public void Clients_that_reset_their_connection_are_no_trouble() => NetworkScript.Expect(
        """
        s6-tcpserver -c 1000 -C 1000 127.0.0.1 8001 echo served 2>/dev/null & s=$!
        up 8001
        kill -STOP $s
        tcp_clients.py reset 100
        kill -CONT $s
        cl 127.0.0.1 8001
        wait_for childless $s
        kill $s; wait $s; echo $?
        """,
        "served\n0");

    [Fact]
    public void Clients_that_never_send_count_until_they_are_gone() => NetworkScript.Expect(
        """
        s6-tcpserver -q -C 3 127.0.0.1 8001 sh -c 'echo "$TCPCONNNUM"; exec cat' & s=$!
        up 8001
        for i in 1 2 3; do hold held$i 127.0.0.1 8001; cat held$i; done
        echo "refused: $(cl 127.0.0.1 8001)"
        kill %2
        wait_for accepted
        """,
        "1\n2\n3\nrefused: \n3");

    [Fact]
    public void A_full_backlog_loses_nobody() => NetworkScript.Expect(
        """
        s6-tcpserver -c 1000 -C 1000 -b 1 127.0.0.1 8001 echo served & s=$!
        up 8001
        kill -STOP $s
        for i in 1 2 3 4 5 6; do cl 127.0.0.1 8001 >got$i & clients+=" $!"; done
        wait_for bound ' 127.0.0.1:8001 .*'
        kill -CONT $s
        wait $clients
        cat got* | uniq -c | tr -s ' '
        """,
        " 6 served");

    [Fact]
    public void Ten_thousand_connections_from_many_addresses_are_served_and_counted_by_address() => NetworkScript.Expect(
        """
        echo '30000 60999' >/proc/sys/net/ipv4/ip_local_port_range
        s6-tcpserver -c 10000 -C 40 0.0.0.0 8001 cat & s=$!
        up 8001
        tcp_clients.py many 250 40 & m=$!
        wait_for has_children $s 10000
        echo "all"
        kill -ABRT $s; wait $s; echo $?
        kill $m; wait $m 2>/dev/null
        """,
        "all\n0");

    [Fact]
    public void Out_of_descriptors_clients_wait() => NetworkScript.Expect(
        """
        (ulimit -n 12; exec s6-tcpserver -j 1 -c 100 -C 100 127.0.0.1 8001 sh -c 'echo served; exec cat') 2>log & s=$!
        up 8001
        for i in 1 2 3 4 5 6 7 8; do hold held$i 127.0.0.1 8001; done
        cat held* | uniq -c | tr -s ' '
        kill $s; wait $s; echo $?
        """,
        " 8 served\n0");

    [Fact]
    public void An_address_that_is_taken_is_refused_and_one_with_ending_connections_is_not() => NetworkScript.Expect(
        """
        s6-tcpserver 127.0.0.1 8001 echo served & s=$!
        up 8001
        s6-tcpserver 127.0.0.1 8001 true; echo $?
        socat -u TCP:127.0.0.1:8001 -
        wait_for childless $s; kill $s; wait $s
        ss -Htan | cut -d' ' -f1
        s6-tcpserver 127.0.0.1 8001 echo again & s=$!
        up 8001
        cl 127.0.0.1 8001
        """,
        "111\nserved\nTIME-WAIT\nagain",
        "s6-tcpserver-socketbinder: fatal: unable to bind to 127.0.0.1 port 8001: Address already in use");

    [Fact]
    public void Without_IPv6_there_is_a_message_and_IPv4_works() => NetworkScript.Expect(
        """
        echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
        s6-tcpserver ::1 8001 true; echo $?
        s6-tcpserver 127.0.0.1 8001 echo served & up 8001
        cl 127.0.0.1 8001
        """,
        "111\nserved",
        "s6-tcpserver-socketbinder: fatal: unable to bind to ::1 port 8001: Cannot assign requested address");

    [Fact]
    public void An_address_that_disappears_ends_no_server() => NetworkScript.Expect(
        """
        ip addr add 192.0.2.1/32 dev lo
        s6-tcpserver 192.0.2.1 8001 echo served & s=$!
        up 8001
        cl 192.0.2.1 8001
        ip addr del 192.0.2.1/32 dev lo
        cl 192.0.2.1 8001 connect-timeout=0.2 2>/dev/null || echo gone
        ip addr add 192.0.2.1/32 dev lo
        cl 192.0.2.1 8001
        kill $s; wait $s; echo $?
        """,
        "served\ngone\nserved\n0");

    [Fact]
    public void Both_versions_are_served_on_one_socket_and_networks_share_a_limit() => NetworkScript.Expect(
        """
        for a in 2001:db8::1 2001:db8::2 2001:db8:0:1::1; do ip addr add $a/128 dev lo nodad; done
        s6-tcpserver -6 -n 24,64 :: 8001 sh -c 'echo "$TCPREMOTEIP $TCPCONNNUM"; exec cat' & s=$!
        up 8001
        hold held 127.0.0.1 8001; cat held
        cl 127.0.0.1 8001 bind=127.0.0.9
        cl 127.0.0.1 8001 bind=127.0.1.9
        cl 2001:db8::1 8001 'bind=[2001:db8::2]'
        hold6() { socat -u "TCP:[2001:db8::1]:8001,bind=[2001:db8::2]" - >six & wait_for test -s six; }
        hold6
        cl 2001:db8::1 8001 'bind=[2001:db8::1]'
        cl 2001:db8::1 8001 'bind=[2001:db8:0:1::1]'
        """,
        "127.0.0.1 1\n127.0.0.9 2\n127.0.1.9 1\n2001:db8::2 1\n2001:db8::1 2\n2001:db8:0:1::1 1");

    // A separate network at the other end of a pair of interfaces.
    private const string Far =
        """
        mkfifo ready; unshare --net sh -c 'echo >ready; exec sleep 60' & far=$!; read -r _ <ready
        there() { nsenter --net=/proc/$far/ns/net "$@"; }
        ip link add near type veth peer name far netns $far; ip addr add 192.0.2.1/24 dev near; ip link set near up
        there ip addr add 192.0.2.2/24 dev far; there ip link set far up
        far_client() { there socat -u TCP:192.0.2.1:8001 - >$1 & wait_for test -s $1; cat $1; }

        """;

    [Fact]
    public void An_interface_that_disappears_ends_no_server() => NetworkScript.Expect(
        Far +
        """
        s6-tcpserver -C 2 0.0.0.0 8001 sh -c 'echo served; exec cat' & s=$!
        up 8001
        far_client held
        ip link del near
        cl 127.0.0.1 8001
        has_children $s 1 && echo "still counted"
        kill -HUP $s; settle $s; kill $s; wait $s; echo $?
        """,
        "served\nserved\nstill counted\n0");

    [Fact]
    public void A_half_open_connection_ends_with_keepalive() => NetworkScript.Expect(
        Far +
        """
        for f in time intvl probes; do echo 1 >/proc/sys/net/ipv4/tcp_keepalive_$f; done
        s6-tcpserver-socketbinder -k 0.0.0.0 8001 s6-tcpserverd -C 1 sh -c 'echo served; exec cat 2>/dev/null' & s=$!
        up 8001
        far_client held
        there ip link set far down
        has_children $s 1 && echo "half open"
        settle $s; echo "ended"
        """,
        "served\nhalf open\nended");
}
