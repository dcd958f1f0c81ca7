using Xunit;

namespace LocalService.Tests.Interop;

/// <summary>Super-servers that know nothing of UCSPI, and our gate: it takes the addresses from the connection.</summary>
public sealed class InetdTests
{
    // Some of them also put the connection on descriptor 2, or set no PATH.
    private const string Service =
        """
        mkdir -p r/ip4/127.0.0.2_32/env; touch r/ip4/127.0.0.2_32/allow; echo value >r/ip4/127.0.0.2_32/env/NAME
        echo 'tcp 6 TCP' >/etc/protocols
        cat >program <<'END'
        #!/bin/sh
        echo "$NAME $PROTO $TCPREMOTEIP $TCPLOCALIP $TCPLOCALPORT ${TCPREMOTEHOST-none}"
        END
        cat >service <<END
        #!/bin/sh
        exec $(command -v s6-tcpserver-access) -v2 -0 -H -i $PWD/r $PWD/program 2>>$PWD/log
        END
        chmod +x program service

        """;

    private const string Clients =
        """
         2>/dev/null &
        up 8001
        cl 127.0.0.1 8001 bind=127.0.0.2
        cl 127.0.0.1 8001
        cat log
        """;

    private const string Answers =
        """
        value TCP 127.0.0.2 127.0.0.1 8001 none
        s6-tcpserver-access: pid PID: info: decided by ip4/127.0.0.2_32
        s6-tcpserver-access: pid PID: info: allow pid PID ip 127.0.0.2
        s6-tcpserver-access: pid PID: info: decided by no rule
        s6-tcpserver-access: pid PID: info: deny pid PID ip 127.0.0.1
        """;

    [Theory]
    [InlineData("/usr/bin/tcpserver -HR -l0 127.0.0.1 8001 ./service")]
    [InlineData("tcpsvd -l 0 127.0.0.1 8001 ./service")]
    [InlineData("systemd-socket-activate --inetd -a -l 127.0.0.1:8001 ./service")]
    [InlineData("socat TCP-LISTEN:8001,bind=127.0.0.1,fork EXEC:./service,nofork")]
    [InlineData("s6-tcpserver 127.0.0.1 8001 ./service")]
    public void The_gate_runs_under_other_servers(string server) => NetworkScript.Expect(Service + server + Clients, Answers);

    [Fact]
    public void The_gate_runs_under_inetd() => NetworkScript.Expect(
        Service +
        $"""
        echo "127.0.0.1:8001 stream tcp nowait root $PWD/service service" >conf
        {Prerequisites.Inetd} -i "$PWD/conf"
        """ + Clients,
        Answers);

    [Fact]
    public void The_gate_runs_under_xinetd() => NetworkScript.Expect(
        Service +
        """
        cat >conf <<CONF
        service first
        {
          type = UNLISTED
          socket_type = stream
          protocol = tcp
          bind = 127.0.0.1
          port = 8001
          wait = no
          user = root
          server = $PWD/service
        }
        CONF
        xinetd -dontfork -f conf
        """ + Clients,
        Answers);

    [Fact]
    public void Without_a_connection_the_gate_refuses() => NetworkScript.Expect(
        """
        s6-tcpserver-access -0 -H echo in; echo $?
        s6-tcpserver-socketbinder 127.0.0.1 8001 s6-tcpserver-access -0 -H echo in; echo $?
        s6-ipcserver sock s6-tcpserver-access -0 -H echo in & wait_for grep -q '00010000.* sock$' /proc/net/unix; s6-ipcclient sock sh -c 'cat <&6'
        """,
        "100\n111",
        """
        s6-tcpserver-access: fatal: stdin is not a TCP connection
        s6-tcpserver-access: fatal: unable to get remote socket information: Transport endpoint is not connected
        s6-tcpserver-access: fatal: stdin is not a TCP connection
        """);
}
