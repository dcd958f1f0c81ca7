using Xunit;

namespace LocalService.Tests.EndToEnd.Managers;

/// <summary>Sockets that a service manager has opened: LISTEN_FDS, option -L.</summary>
public sealed class ListenFdsTests
{
    // activated KIND PROG... &: executes a program as a manager does, with a socket of this kind as descriptor 3 and variables for its own process id.
    private const string Activated =
        """
        activated() { exec withsocket 3 "$1" sh -c 'LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=a exec "$@"' sh "${@:2}"; }

        """;

    [Fact]
    public void The_daemon_serves_descriptor_3_and_its_children_know_nothing_of_it() => Script.Expect(
        Activated + """
        activated listening s6-ipcserverd -1L -- sh -c 'echo $PROTO; env | grep -c LISTEN_; (: <&3) 2>/dev/null || echo closed' >ready 2>log & server=$!
        until_true test -s ready
        cl listening
        readlink /proc/$server/fd/3 | grep -c socket
        kill $server; wait $server; echo $?; cat log
        """,
        "IPC\n0\nclosed\n0\n0");

    [Fact]
    public void Front_ends_bind_nothing_and_hand_the_option_on() => Script.Expect(
        Activated + """
        activated listening s6-ipcserver -LN1 -u 1000 -g 1000 -- path sh -c 'id -u' >ready & server=$!
        until_true test -s ready; ls path 2>/dev/null; cl listening; kill $server; wait $server; echo $?
        rm listening ready; grant_all uid/0
        activated listening s6-fdholder-daemon -LM1 -i r sk >ready & server=$!
        until_true test -s ready; s6-fdholder-store listening one <ready; s6-fdholder-list listening; kill $server; wait $server; echo $(($? & 1))
        """,
        "1000\n0\none\n1");

    [Fact]
    public void A_TCP_server_too() => NetworkScript.Expect(
        Activated + """
        for role in 's6-tcpserverd -1L' 's6-tcpserver -1L 203.0.113.1 nosuchport'; do
            activated tcp $role sh -c 'echo $TCPLOCALIP' >ready & server=$!
            wait_for test -s ready; cl 127.0.0.1 $(cat ready); rm ready; kill $server; wait $server; echo $?
        done
        """,
        "127.0.0.1\n0\n127.0.0.1\n0");

    [Fact]
    public void A_syslog_daemon_takes_the_sockets_of_every_kind_that_there_are() => Script.Expect(
        """
        cat >activate.py <<'END'
        import os, socket, sys
        for number, path in ((3, "d"), (4, "s")):
            made = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM if path == "d" else socket.SOCK_STREAM)
            made.bind(path)
            if path == "s": made.listen()
            os.dup2(made.fileno(), number + 10)
        for number in 13, 14: os.dup2(number, number - 10)
        os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="2")
        os.execvp(sys.argv[1], sys.argv[1:])
        END
        # It changes its ids, and binds a third socket, on the way.
        python3 activate.py s6-syslogd -L -x x -u nobody -g nogroup >log & server=$!
        until_true test -S x
        send() { printf "<13>to $2" | socat -u - UNIX-$1:$2; until_true grep -q "to $2" log; }
        send SENDTO d; send CONNECT s; send SENDTO x
        kill $server; wait $server; echo $?; cat log
        """,
        "0\nuser.notice: to d\nuser.notice: to s\nuser.notice: to x");

    [Fact]
    public void Under_systemds_own_activation() => Script.Expect(
        """
        systemd-socket-activate -l $PWD/a s6-ipcserverd -L sh -c 'echo served; env | grep -c ^LISTEN_' 2>log & server=$!
        listening $PWD/a; cl a; cl a; kill $server; wait $server; echo $?
        systemd-socket-activate -l $PWD/b -d s6-socklog -L 2>log >lines & server=$!
        until_true test -S b; printf '<13>hello' | socat -u - UNIX-SENDTO:b; until_true test -s lines; kill $server; wait $server; echo $?; cat lines
        """,
        "served\n0\nserved\n0\n0\n0\nuser.notice: hello");

    [Theory]
    [InlineData("", "LISTEN_PID not set", 100)]
    [InlineData("LISTEN_PID=$$", "LISTEN_FDS not set", 100)]
    [InlineData("LISTEN_PID=$$x LISTEN_FDS=1", "invalid $LISTEN_PID", 100)]
    [InlineData("LISTEN_PID=$$ LISTEN_FDS=-1", "invalid $LISTEN_FDS", 100)]
    [InlineData("LISTEN_PID=1 LISTEN_FDS=1", "the sockets of LISTEN_FDS are those of another process: 1", 100)]
    [InlineData("LISTEN_PID=$$ LISTEN_FDS=0", "LISTEN_FDS must be 1, one socket, and is 0", 100)]
    [InlineData("LISTEN_PID=$$ LISTEN_FDS=2", "LISTEN_FDS must be 1, one socket, and is 2", 100)]
    [InlineData("LISTEN_PID=$$ LISTEN_FDS=1", "unable to take descriptor 3: Bad file descriptor", 111, "closed")]
    [InlineData("LISTEN_PID=$$ LISTEN_FDS=1", "descriptor 3 is not a stream socket", 100, "datagram")]
    [InlineData("LISTEN_PID=$$ LISTEN_FDS=1", "descriptor 3 is not a Unix domain socket", 100, "tcp")]
    [InlineData("LISTEN_PID=$$ LISTEN_FDS=1", "descriptor 3 is not a listening socket", 100, "connected")]
    public void What_the_manager_has_to_say_is_checked(string variables, string message, int code, string kind = "listening")
    {
        string with = kind == "closed" ? "" : $"withsocket 3 {kind} ";
        foreach (string role in new[] { "ipcserverd", "fdholderd" })
        {
            string arguments = role == "ipcserverd" ? "true" : "-i .";
            ProcessResult result = BashCase.Run(ProgramsUnderTest.Ours, $"{with}sh -c '{variables} exec s6-{role} -L {arguments}' 3>&-");
            Assert.Equal(("", $"s6-{role}: fatal: {message}\n", code), (result.Output, result.Error, result.ExitCode));
        }
    }

    [Theory]
    [InlineData("s6-syslogd -L", "LISTEN_PID=$$ LISTEN_FDS=17", "too few or too many sockets in LISTEN_FDS: 17")]
    [InlineData("s6-syslogd -L -f 5", "LISTEN_PID=$$ LISTEN_FDS=16", "too many sockets")]
    [InlineData("s6-socklog -L", "LISTEN_PID=$$ LISTEN_FDS=2", "LISTEN_FDS must be 1, one socket, and is 2")]
    [InlineData("s6-syslogd -L -d 3", "LISTEN_PID=$$ LISTEN_FDS=1", "notification fd is a socket of LISTEN_FDS")]
    [InlineData("s6-syslogd -L", "LISTEN_PID=$$ LISTEN_FDS=1", "no socket that messages could come from: descriptor 3", "tcp")]
    public void By_syslog_daemons_too(string command, string variables, string message, string kind = "datagram")
    {
        ProcessResult result = BashCase.Run(ProgramsUnderTest.Ours, $"withsocket 3 {kind} sh -c '{variables} exec {command}'");
        Assert.Equal(("", $"{command[..command.IndexOf(' ', System.StringComparison.Ordinal)]}: fatal: {message}\n", 100), (result.Output, result.Error, result.ExitCode));
    }
}
