using Xunit;

namespace LocalService.Tests.EndToEnd;

/// <summary>The gate of TCP: inside of a server, with hostile names and IDENT servers, and with databases of tcprules.</summary>
public sealed class TcpAccessTests
{
    private const string NameRules = "mkdir -p r/reversedns/good.x r/ip4/10.0.0.0_8 r/reversedns/x; touch r/ip4/10.0.0.0_8/allow r/reversedns/good.x/allow\n";

    [Fact]
    public void Rules_by_address_are_decided_in_the_server() => NetworkScript.Expect(
        """
        mkdir -p r/ip4/127.0.0.1_32/env; touch r/ip4/127.0.0.1_32/allow; echo Welcome >r/ip4/127.0.0.1_32/env/GREETING
        s6-tcpserver -v 127.0.0.1 8001 s6-tcpserver-access -v2 -H -i r sh -c 'echo "$GREETING ${TCPREMOTEHOST-no name}"' & s=$!
        up 8001
        strace -f -qq -e trace=execve -o calls -p $s & t=$!
        wait_for grep -q 'TracerPid:.[1-9]' /proc/$s/status
        cl 127.0.0.1 8001
        cl 127.0.0.1 8001 bind=127.0.0.2
        settle $s; kill $s; wait $s $t
        grep -c execve calls
        """,
        "Welcome no name\n1",
        """
        s6-tcpserverd: info: starting - bound to ip 127.0.0.1 port 8001
        s6-tcpserverd: info: status: 0/40
        s6-tcpserver-access: pid PID: info: decided by ip4/127.0.0.1_32
        s6-tcpserver-access: pid PID: info: allow pid PID ip 127.0.0.1
        s6-tcpserverd: info: accept 127.0.0.1_PORT pid PID count 1/40
        s6-tcpserverd: info: status: 1/40
        s6-tcpserverd: info: end pid PID exitcode 0 count 0/40
        s6-tcpserverd: info: status: 0/40
        s6-tcpserver-access: pid PID: info: decided by no rule
        s6-tcpserver-access: pid PID: info: deny pid PID ip 127.0.0.2
        s6-tcpserverd: info: accept 127.0.0.2_PORT pid PID count 1/40
        s6-tcpserverd: info: status: 1/40
        s6-tcpserverd: info: end pid PID exitcode 1 count 0/40
        s6-tcpserverd: info: status: 0/40
        s6-tcpserverd: info: received SIGTERM, quitting
        s6-tcpserverd: info: exiting
        """);

    [Theory]
    [InlineData(@"\x2e\x2e/ip4/10\x2e0\x2e0\x2e0_8")]
    [InlineData(@"good\x00.x")]
    [InlineData(@"good\x2ex")]
    [InlineData(@"good\x20.x")]
    [InlineData(@"good\x0a.x")]
    [InlineData(@"go\x7fod.good.x")]
    [InlineData(@"\xe9.good.x")]
    [InlineData(@"a/b.good.x")]
    [InlineData(@".")]
    public void A_hostile_name_is_no_name(string name) => NetworkScript.Expect(
        NameRules + $"echo '1.0.0.127.in-addr.arpa PTR {name}' | dns; for o in -W -w; do acc 127.0.0.1 ::1 -v2 $o -l x -i r echo in; echo $?; done",
        "1\n1",
        """
        s6-tcpserver-access: pid PID: info: decided by no name
        s6-tcpserver-access: pid PID: info: deny pid PID ip 127.0.0.1
        s6-tcpserver-access: pid PID: info: decided by no name
        s6-tcpserver-access: pid PID: info: deny pid PID ip 127.0.0.1
        """);

    [Fact]
    public void A_name_counts_unless_it_leads_elsewhere() => NetworkScript.Expect(
        NameRules +
        """
        printf '1.0.0.127.in-addr.arpa PTR Good.X\ngood.x A 127.0.0.9\n' | dns
        acc 127.0.0.1 ::1 -v0 -l x -i r sh -c 'echo $TCPREMOTEHOST'
        acc 127.0.0.1 ::1 -v0 -p -l x -i r echo in; echo $?
        printf '1.0.0.127.in-addr.arpa PTR good.x\ngood.x A 127.0.0.9\ngood.x A 127.0.0.1\n' >zone
        acc 127.0.0.1 ::1 -v0 -p -l x -i r sh -c 'echo $TCPREMOTEHOST'
        """,
        "good.x.\n1\ngood.x.");

    [Fact]
    public void Who_is_refused_by_address_costs_no_look_up() => NetworkScript.Expect(
        """
        echo 'x A 1.2.3.4' | dns
        mkdir -p r/ip4/127.0.0.1_32; touch r/ip4/127.0.0.1_32/deny
        acc 127.0.0.1 127.0.0.2 -v0 -rB banner -i r true; echo $?; cat dnslog
        """,
        "1");

    // The variables don't tell the interface, without which such an address leads nowhere.
    [Theory]
    [InlineData("-v0"), InlineData("-0")]
    public void A_client_with_a_link_local_address_is_asked_too(string option) => NetworkScript.Expect(
        $$"""
        ip address add fe80::1/64 dev lo nodad
        mkdir -p r/ip6/fe80::_10; touch r/ip6/fe80::_10/allow
        ident_server.py :: '%R , %L : USERID : UNIX : joe\r\n' & up 113
        s6-tcpserver -q -- :: 8001 s6-tcpserver-access -v0 {{option}} -H -r -i r sh -c 'echo "$TCPREMOTEIP $TCPREMOTEINFO"' & up 8001
        s6-tcpclient -H -l x fe80::1%lo 8001 sh -c 'cat <&6'
        """,
        "fe80::1 joe");

    [Theory]
    [InlineData(@"x1000000 a", "Numerical result out of range")]
    [InlineData(@"%R,%L:USERID:UNIX:a\x1b[31mb\r\n", "Protocol error")]
    [InlineData(@"%R,%L:USERID:UNIX:a\x00b\r\n", "Protocol error")]
    [InlineData(@"%R,%L:USERID:UNIX:\xe9\r\n", "Protocol error")]
    [InlineData(@"%R,%L:USERID\r\n", "Protocol error")]
    [InlineData(@"%L,%R:USERID:UNIX:joe\r\n", "Protocol error")]
    [InlineData(@"%R,%L:USERID:UNIX:joe", "Protocol error")]
    [InlineData("silent", "Connection timed out")]
    public void An_ident_server_that_misbehaves_tells_nothing(string reply, string error) => NetworkScript.Expect(
        $"""
        ident 127.0.0.1 '{reply}'
        acc 127.0.0.1 127.0.0.2 -v3 -Hr -t 500 sh -c 'echo "nothing: $TCPREMOTEINFO."'
        """,
        "nothing: .",
        $"""
        s6-tcpserver-access: pid PID: warning: unable to s6net_ident_client: {error}
        s6-tcpserver-access: pid PID: info: allow pid PID ip 127.0.0.1
        """);

    [Fact]
    public void A_long_ident_name_is_refused_and_a_shorter_one_is_not() => NetworkScript.Expect(
        """
        ident 127.0.0.1 "%R,%L:USERID:UNIX:$(printf %0255d)\n"; ident 127.0.0.3 "%R,%L:USERID:UNIX:$(printf %0256d)\n"
        s6-ident-client 127.0.0.1 1 127.0.0.2 2 | wc -c
        s6-ident-client 127.0.0.3 1 127.0.0.2 2; echo $?
        """,
        "256\n111",
        "s6-ident-client: fatal: unable to s6net_ident_client: File name too long");

    [Fact]
    public void A_thousand_names_that_never_resolve_delay_nobody_else() => NetworkScript.Expect(
        """
        { for n in {1..250}; do echo "$n.0.1.127.in-addr.arpa DROP"; done; echo '7.0.0.127.in-addr.arpa PTR seven.x'; } | dns
        echo '30000 60999' >/proc/sys/net/ipv4/ip_local_port_range
        mkdir -p r/ip4/127.0.0.{7,8}_32 r/reversedns/x; touch r/ip4/127.0.0.7_32/allow r/ip4/127.0.0.8_32/deny r/reversedns/x/allow
        s6-tcpserver -q -c 2000 -C 40 0.0.0.0 8001 s6-tcpserver-access -v0 -l x -i r sh -c 'echo $TCPREMOTEHOST' & s=$!
        up 8001
        tcp_clients.py many 250 4 &
        wait_for has_children $s 1000
        cl 127.0.0.1 8001 bind=127.0.0.7
        cl 127.0.0.1 8001 bind=127.0.0.8
        has_children $s 1000 && echo 'all others still wait'
        kill -ABRT $s
        """,
        "seven.x.\nall others still wait");

    [Fact]
    public void A_gate_that_waits_is_a_program_also_behind_another_gate() => NetworkScript.Expect(
        """
        mkdir -p r/ip4/127.0.0.1_32/env; touch r/ip4/127.0.0.1_32/allow; echo "$PATH:/none" >r/ip4/127.0.0.1_32/env/PATH
        echo '1.0.0.127.in-addr.arpa PTR a.b' | dns
        s6-tcpserver -q 127.0.0.1 8001 s6-tcpserver-access -v0 -H -i r s6-tcpserver-access -v0 -l x -B 'hello ' sh -c 'echo $TCPREMOTEHOST' & up 8001
        cl 127.0.0.1 8001
        """,
        "hello a.b.");

    [Fact]
    public void Databases_of_tcprules_are_read_in_their_order() => NetworkScript.Expect(
        """
        tcprules rules.cdb rules.tmp <<'RULES'
        10.1.2.3:allow,RULE="address"
        =good.x:allow,RULE="name"
        10.1.2.:allow,RULE="network",MORE="two"
        10.1.:deny
        =.y:deny
        =:allow,RULE="any name"
        joe@10.9.9.9:allow,RULE="joe"
        RULES
        rule() { acc $1 ::1 -v0 ${2--H} -l x -X rules.cdb sh -c 'echo "${RULE-none} $MORE"'; [ $? = 0 ] || echo refused; }
        for a in 10.1.2.3 10.1.2.4 10.1.3.4 10.2.0.1 2001:db8::1; do rule $a; done
        printf '%s\n' '4.2.1.10.in-addr.arpa PTR good.x' '1.0.2.10.in-addr.arpa PTR a.b.y' '2.0.2.10.in-addr.arpa PTR a.b' | dns
        for a in 10.1.2.4 10.2.0.1 10.2.0.2; do rule $a -W; done
        acc 10.2.0.1 ::1 -v0 -H -X none.cdb true; echo $?
        acc 10.1.2.4 ::1 -v2 -H -X rules.cdb true
        """,
        "address \nnetwork two\nrefused\nnone \nnone \nname \nrefused\nany name \n111",
        """
        s6-tcpserver-access: pid PID: fatal: unable to cdb_init none.cdb: No such file or directory
        s6-tcpserver-access: pid PID: info: decided by 10.1.2.
        s6-tcpserver-access: pid PID: info: allow pid PID ip 10.1.2.4
        """);

    [Fact]
    public void A_database_of_the_other_format_refuses() => NetworkScript.Expect(
        """
        mkdir -p r/ip4/10.0.0.0_8; touch r/ip4/10.0.0.0_8/allow; s6-accessrules-cdb-from-fs ours.cdb r
        echo '10.:allow' | tcprules theirs.cdb tmp
        acc 10.1.2.3 ::1 -H -X ours.cdb true; echo $?
        acc 10.1.2.3 ::1 -H -x theirs.cdb true; echo $?
        """,
        "111\n1",
        "s6-tcpserver-access: pid PID: fatal: unable to check cdb ruleset for IP in ours.cdb: Invalid argument");

    [Fact]
    public void A_damaged_database_of_tcprules_refuses() => NetworkScript.Expect(
        """
        printf '+8,5:10.1.2.3->XA=B\0\n\n' | cdb -c rules.cdb -
        acc 10.1.2.3 ::1 -H -X rules.cdb true; echo $?
        """,
        "111",
        "s6-tcpserver-access: pid PID: fatal: unable to check cdb ruleset for IP in rules.cdb: Invalid argument");

    // The gate waits for late answers, within the time limit.
    [Fact]
    public void Slow_DNS_is_waited_for_within_the_time() => NetworkScript.Expect(
        """
        mkdir -p r/reversedns/good.x; touch r/reversedns/good.x/allow
        printf '%s\n' '1.0.0.127.in-addr.arpa PTR good.x' '1.0.0.127.in-addr.arpa SLOW' | dns
        acc 127.0.0.1 ::1 -v0 -l x -t 20000 -i r echo in; echo $?
        acc 127.0.0.1 ::1 -v2 -l x -t 100 -i r echo in; echo $?
        """,
        "in\n0\n1",
        """
        s6-tcpserver-access: pid PID: info: decided by a timeout
        s6-tcpserver-access: pid PID: info: deny pid PID ip 127.0.0.1
        """);
}
