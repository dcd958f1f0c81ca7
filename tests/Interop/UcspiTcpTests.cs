using Xunit;

namespace LocalService.Tests.Interop;

/// <summary>UCSPI over TCP both ways: programs, servers and clients of Debian's ucspi-tcp, busybox, curl, nc, wrk, cvs, openssl and socat.</summary>
public sealed class UcspiTcpTests
{
    [Fact]
    public void An_HTTP_server_of_busybox_serves_curl() => NetworkScript.Expect(
        """
        mkdir www r; echo page >www/index.html; mkdir -p r/ip4/127.0.0.0_24; touch r/ip4/127.0.0.0_24/allow
        s6-tcpserver -6 :: 80 s6-tcpserver-access -v0 -H -i r busybox httpd -i -h www & up 80
        curl -s http://127.0.0.1/ --interface 127.0.0.9
        curl -s http://127.0.0.1/ --interface 127.0.1.9 || echo "refused"
        """,
        "page\nrefused");

    [Fact]
    public void Programs_of_ucspi_tcp_run_under_the_server() => NetworkScript.Expect(
        """
        mkdir -p r/ip4/127.0.0.2_32/env r/ip4/0.0.0.0_0/env; touch r/ip4/127.0.0.2_32/allow r/ip4/0.0.0.0_0/allow
        echo 'go away' >r/ip4/127.0.0.2_32/env/RBLSMTPD; echo >r/ip4/0.0.0.0_0/env/RBLSMTPD
        s6-tcpserver 127.0.0.1 25 s6-tcpserver-access -v0 -H -i r rblsmtpd fixcrio recordio sh -c 'read -r line; echo "got $line"' 2>log & up 25
        printf 'one\n' | socat -t 5 - TCP:127.0.0.1:25
        printf 'HELO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\nQUIT\r\n' | socat -t 5 - TCP:127.0.0.1:25,bind=127.0.0.2 | grep -c 'go away'
        grep -c one log
        """,
        "got one\r\n1\n2");

    [Fact]
    public void Cvs_serves_a_checkout() => NetworkScript.Expect(
        """
        cvs -d "$PWD/repo" init; mkdir new; echo text >new/file
        (cd new; cvs -Q -d "$OLDPWD/repo" import -m m module vendor release)
        echo anonymous::nobody >repo/CVSROOT/passwd; chown -R nobody repo
        s6-tcpserver 127.0.0.1 2401 cvs --allow-root="$PWD/repo" pserver & up 2401
        HOME=$PWD cvs -Q -d ":pserver:anonymous@127.0.0.1:$PWD/repo" checkout -p module
        """,
        "text");

    [Fact]
    public void Wrk_is_served_through_the_gate() => NetworkScript.Expect(
        """
        mkdir www r; echo page >www/index.html; mkdir -p r/ip4/127.0.0.0_24; touch r/ip4/127.0.0.0_24/allow
        s6-tcpserver -c 100 -C 100 127.0.0.1 80 s6-tcpserver-access -v0 -H -i r busybox httpd -i -h www & s=$!
        up 80
        wrk -t 1 -c 8 -d 1 http://127.0.0.1/ >report
        grep -E 'errors|Non-2xx' report; grep -Eqw '[1-9][0-9]+ requests' report && echo served
        settle $s; kill $s; wait $s; echo $?
        """,
        "served\n0");

    // OpenSSL needs a configuration, and /etc is empty.
    private const string Certificate =
        """
        printf '[req]\ndistinguished_name=n\n[n]\n' >conf; export OPENSSL_CONF=conf
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key -out cert -subj /CN=h -days 2 2>/dev/null

        """;

    [Theory]
    [InlineData("openssl s_client -quiet -no_ign_eof -verify_quiet -CAfile cert -connect 127.0.0.1:443 2>/dev/null")]
    [InlineData("socat -t 5 - OPENSSL:127.0.0.1:443,cafile=cert,commonname=h")]
    public void Programs_that_speak_TLS_run_under_the_server(string program) => NetworkScript.Expect(
        Certificate +
        $$"""
        openssl s_server -quiet -accept 127.0.0.1:443 -key key -cert cert -rev >/dev/null 2>&1 & wait_for listens 127.0.0.1 443
        s6-tcpserver 127.0.0.1 8001 sh -c 'exec {{program}}' & up 8001
        : >answer
        { echo hello; wait_for test -s answer; } | s6-tcpclient -H 127.0.0.1 8001 s6-ioconnect >answer
        cat answer
        """,
        "olleh");

    [Fact]
    public void Socat_adds_TLS_in_front_of_the_server() => NetworkScript.Expect(
        Certificate +
        """
        mkdir -p r/ip4/127.0.0.7_32; touch r/ip4/127.0.0.7_32/allow
        s6-tcpserver 127.0.0.1 8001 s6-tcpserver-access -v0 -H -i r sh -c 'read -r line; echo "got $line from $TCPREMOTEIP"' & up 8001
        socat -t 5 OPENSSL-LISTEN:443,fork,cert=cert,key=key,verify=0 TCP:127.0.0.1:8001,bind=127.0.0.7 & up 443
        echo hello | socat -t 5 - OPENSSL:127.0.0.1:443,cafile=cert,commonname=h
        echo hello | openssl s_client -quiet -verify_quiet -CAfile cert -connect 127.0.0.1:443 2>/dev/null
        echo hello | s6-tcpclient -H 127.0.0.1 8001 s6-ioconnect 2>/dev/null
        """,
        "got hello from 127.0.0.7\ngot hello from 127.0.0.7");

    [Fact]
    public void The_gate_runs_under_the_server_of_ucspi_tcp() => NetworkScript.Expect(
        """
        mkdir -p r/ip4/127.0.0.2_32/env; touch r/ip4/127.0.0.2_32/allow; echo value >r/ip4/127.0.0.2_32/env/NAME
        /usr/bin/tcpserver -HR -l0 127.0.0.1 8001 "$(command -v s6-tcpserver-access)" -v2 -H -i r sh -c 'echo "$NAME ${TCPREMOTEHOST-none}"' & up 8001
        cl 127.0.0.1 8001 bind=127.0.0.2
        cl 127.0.0.1 8001
        """,
        "value none",
        """
        s6-tcpserver-access: pid PID: info: decided by ip4/127.0.0.2_32
        s6-tcpserver-access: pid PID: info: allow pid PID ip 127.0.0.2
        s6-tcpserver-access: pid PID: info: decided by no rule
        s6-tcpserver-access: pid PID: info: deny pid PID ip 127.0.0.1
        """);

    [Theory]
    [InlineData("/usr/bin/tcpclient -RHl0 127.0.0.1 8001 sh -c 'cat <&6'")]
    [InlineData("s6-tcpclient -H 127.0.0.1 8001 sh -c 'cat <&6'")]
    [InlineData("s6-tcpclient -H 127.0.0.1 8001 /usr/bin/mconnect-io")]
    [InlineData("tcpcat 127.0.0.1 8001")]
    [InlineData("mconnect 127.0.0.1 8001")]
    [InlineData("nc.openbsd -N 127.0.0.1 8001")]
    [InlineData("busybox nc 127.0.0.1 8001")]
    [InlineData("socat -t 5 - TCP:127.0.0.1:8001")]
    public void Every_client_gets_what_the_server_sends(string client) => NetworkScript.Expect(
        $"srv 127.0.0.1 8001; {client} </dev/null",
        "served 127.0.0.1 for 127.0.0.1");

    [Theory]
    [InlineData("/usr/bin/tcpserver -HR -l0 127.0.0.1 8001")]
    [InlineData("s6-tcpserver 127.0.0.1 8001")]
    public void The_client_talks_to_every_server(string server) => NetworkScript.Expect(
        $"{server} sh -c 'read -r line; echo \"got $line\"' & up 8001; echo hello | s6-tcpclient -H 127.0.0.1 8001 s6-ioconnect",
        "got hello");

    [Fact]
    public void The_client_talks_to_xinetd_and_its_programs_run_here() => NetworkScript.Expect(
        """
        echo 'tcp 6 TCP' >/etc/protocols
        cat >conf <<'CONF'
        service first
        {
          type = UNLISTED
          socket_type = stream
          protocol = tcp
          bind = 127.0.0.1
          port = 8001
          wait = no
          user = root
          server = /usr/bin/head
          server_args = -n 1
        }
        CONF
        xinetd -dontfork -f conf 2>/dev/null & up 8001
        s6-tcpserver 127.0.0.1 8002 /usr/bin/head -n 1 & up 8002
        for port in 8001 8002; do echo hello | s6-tcpclient -H 127.0.0.1 $port s6-ioconnect; done
        """,
        "hello\nhello");

    [Fact]
    public void The_server_starts_from_a_descriptor_holder_and_keeps_its_socket() => NetworkScript.Expect(
        """
        mkdir -p rules/uid/0/env; touch rules/uid/0/allow; echo . | tee rules/uid/0/env/S6_FDHOLDER_STORE_REGEX >rules/uid/0/env/S6_FDHOLDER_RETRIEVE_REGEX
        s6-fdholder-daemon -i rules holder & wait_for test -S holder
        wait_for s6-tcpserver-socketbinder 127.0.0.1 8001 s6-fdholder-store holder tcp:8001
        for n in one two; do
          s6-fdholder-retrieve holder tcp:8001 s6-tcpserverd -1 echo $n >ready.$n & s=$!
          wait_for test -s ready.$n
          cl 127.0.0.1 8001
          kill $s; wait $s
        done
        """,
        "one\ntwo");
}
