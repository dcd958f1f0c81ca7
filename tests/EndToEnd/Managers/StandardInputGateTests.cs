using System;
using Xunit;

namespace LocalService.Tests.EndToEnd.Managers;

/// <summary>The gates behind other projects' servers, which don't describe the connection: the gates ask the kernel, option -0.</summary>
public sealed class StandardInputGateTests
{
    private const string Rules =
        """
        mkdir -p r/uid/0/env r/uid/1000; touch r/uid/0/allow r/uid/1000/deny; echo hi >r/uid/0/env/GREETING
        printf '#!/bin/sh\necho "$PROTO $IPCREMOTEEUID:$IPCREMOTEEGID [$IPCREMOTEPATH] ${IPCLOCALPATH##*/} ${IPCCONNNUM-none} $GREETING"\n' >show
        chmod +x show
        gate="s6-ipcserver-access -0 -v2 -i $PWD/r $PWD/show"
        # What the environment says isn't to be believed.
        export IPCREMOTEEUID=1000 IPCREMOTEPATH=x IPCCONNNUM=3

        """;

    private const string TcpRules =
        """
        mkdir -p r/ip4/127.0.0.2_32; touch r/ip4/127.0.0.2_32/allow
        printf '#!/bin/sh\necho "$PROTO $TCPREMOTEIP:$TCPREMOTEPORT $TCPLOCALIP:$TCPLOCALPORT ${TCPCONNNUM-none}"\n' >show
        chmod +x show
        arguments="-0 -v0 -H -i $PWD/r $PWD/show"
        gate="s6-tcpserver-access $arguments"
        export TCPREMOTEIP=127.0.0.2 TCPCONNNUM=3

        """;

    [Theory]
    [InlineData("socat UNIX-LISTEN:$PWD/s,fork EXEC:\"$gate\",nofork")]
    [InlineData("unixserver -- $PWD/s $gate")]
    [InlineData("systemd-socket-activate --accept --inetd -l $PWD/s $gate")]
    public void Behind_any_server_of_a_Unix_socket(string server) => Script.Expect(
        Rules + $$"""
        {{server}} 2>log &
        listening $PWD/s; chmod 777 s
        cl s; setpriv --reuid 1000 --regid 1000 --clear-groups cl s
        until_true grep -q deny log; grep access: log
        """,
        "IPC 0:0 [] s none hi\ns6-ipcserver-access: info: allow pid PID uid 0 gid 0\ns6-ipcserver-access: info: deny pid PID uid 1000 gid 1000: Permission denied");

    [Theory]
    [InlineData("socat TCP6-LISTEN:8001,ipv6only=0,fork EXEC:\"$gate\",nofork")]
    [InlineData("xinetd -dontfork -f conf")]
    [InlineData("systemd-socket-activate --accept --inetd -l 127.0.0.1:8001 $gate")]
    [InlineData("s6-tcpserver 127.0.0.1 8001 $gate")]
    public void Behind_any_server_of_a_TCP_port(string server) => NetworkScript.Expect(
        TcpRules + $$"""
        echo 'tcp 6 TCP' >/etc/protocols
        cat >conf <<CONF
        service gate
        {
          type = UNLISTED
          socket_type = stream
          protocol = tcp
          bind = 127.0.0.1
          port = 8001
          wait = no
          user = root
          server = $(command -v s6-tcpserver-access)
          server_args = $arguments
        }
        CONF
        {{server}} 2>log & up 8001
        cl 127.0.0.1 8001; cl 127.0.0.1 8001 bind=127.0.0.2:50002
        """,
        "TCP 127.0.0.2:50002 127.0.0.1:8001 none");

    [Fact]
    public void The_path_of_the_client_and_the_limits_are_those_of_a_server() => Script.Expect(
        """
        serve -q s s6-ipcserver-access -0v0 sh -c 'echo $IPCREMOTEEUID $IPCREMOTEPATH ${IPCLOCALPATH##*/}'
        socat -u UNIX-CONNECT:s,bind=client -
        withsocket 0 connected s6-ipcserver-access -0Ev0 sh -c 'env | grep -cE "^(PROTO|IPC)"'
        withsocket 0 lost s6-ipcserver-access -0v0 -l name sh -c 'echo $IPCREMOTEEUID $IPCLOCALPATH'
        withsocket 0 connected s6-ipcserver-access -0v0 s6-connlimit true; echo $?
        """,
        "0 client s\n0\n0 name\n100",
        "s6-connlimit: fatal: IPCCONNNUM not set");

    [Theory]
    [InlineData("s6-ipcserver-access -0", "a connection of a Unix stream socket", "listening unbound bound datagram seqpacket tcp tcp-connected udp netlink")]
    [InlineData("s6-tcpserver-access -0H", "a TCP connection", "listening connected datagram udp netlink")]
    public void Anything_else_is_refused(string gate, string what, string kinds)
    {
        foreach (string input in (kinds + " null closed").Split(' '))
        {
            string before = input is "null" or "closed" ? "" : $"withsocket 0 {input} ";
            string behind = input == "closed" ? " <&-" : "";
            ProcessResult result = BashCase.Run(ProgramsUnderTest.Ours, $"export PROTO=IPC IPCREMOTEEUID=0 IPCREMOTEEGID=0; {before}{gate} echo let in{behind}");
            string message = input == "closed" ? "unable to fstat stdin: Bad file descriptor" : $"stdin is not {what}";
            Assert.Equal(
                ("", $"{gate[..gate.IndexOf(' ', StringComparison.Ordinal)]}: fatal: {message}\n", input == "closed" ? 111 : 100),
                (result.Output, result.Error, result.ExitCode));
        }
    }

    [Fact]
    public void A_TCP_client_that_is_nobody_is_refused() => NetworkScript.Expect(
        "withsocket 0 tcp s6-tcpserver-access -0H echo let in; echo $?",
        "111", "s6-tcpserver-access: fatal: unable to get remote socket information: Transport endpoint is not connected");

    [Fact]
    public void A_client_without_a_mapping_is_refused_as_by_the_server() => Script.Expect(
        Rules + """
        mkdir -p r/uid/65534; touch r/uid/65534/allow; chmod -R a+rX .
        # The client is outside of the user namespace in which the gate runs, which maps root alone.
        socat UNIX-LISTEN:$PWD/s,fork SYSTEM:"exec unshare --user --map-root-user $gate",nofork 2>log &
        listening $PWD/s; chmod 777 s
        cl s; setpriv --reuid 1000 --regid 1000 --clear-groups cl s
        until_true grep -q deny log; grep access: log
        """,
        """
        IPC 0:0 [] s none hi
        s6-ipcserver-access: info: allow pid PID uid 0 gid 0
        s6-ipcserver-access: info: deny pid PID uid 65534 gid 65534: may be anybody: this user namespace has no mapping for the client
        """);
}
