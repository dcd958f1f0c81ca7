using Xunit;

namespace LocalService.Tests.Interop;

/// <summary>UCSPI over TCP both ways: programs, servers and clients of Debian's ucspi-tcp, busybox, curl, nc and socat.</summary>
public sealed class UcspiTcpTests
{
    [Fact]
    public void AnHttpServerOfBusyboxServesCurl() => NetworkScript.Expect(
        """
        mkdir www r; echo page >www/index.html; mkdir -p r/ip4/127.0.0.0_24; touch r/ip4/127.0.0.0_24/allow
        s6-tcpserver -6 :: 80 s6-tcpserver-access -v0 -H -i r busybox httpd -i -h www & up 80
        curl -s http://127.0.0.1/ --interface 127.0.0.9
        curl -s http://127.0.0.1/ --interface 127.0.1.9 || echo "refused"
        """,
        "page\nrefused");

    [Fact]
    public void ProgramsOfUcspiTcpRunUnderTheServer() => NetworkScript.Expect(
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
    public void TheGateRunsUnderTheServerOfUcspiTcp() => NetworkScript.Expect(
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
    [InlineData("nc.openbsd -N 127.0.0.1 8001")]
    [InlineData("busybox nc 127.0.0.1 8001")]
    [InlineData("socat -t 5 - TCP:127.0.0.1:8001")]
    public void EveryClientGetsWhatTheServerSends(string client) => NetworkScript.Expect(
        $"srv 127.0.0.1 8001; {client} </dev/null",
        "served 127.0.0.1 for 127.0.0.1");

    [Theory]
    [InlineData("/usr/bin/tcpserver -HR -l0 127.0.0.1 8001")]
    [InlineData("s6-tcpserver 127.0.0.1 8001")]
    public void TheClientTalksToEveryServer(string server) => NetworkScript.Expect(
        $"{server} sh -c 'read -r line; echo \"got $line\"' & up 8001; echo hello | s6-tcpclient -H 127.0.0.1 8001 s6-ioconnect",
        "got hello");

    [Fact]
    public void TheClientTalksToXinetdAndItsProgramsRunHere() => NetworkScript.Expect(
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
    public void TheServerStartsFromADescriptorHolderAndKeepsItsSocket() => NetworkScript.Expect(
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
