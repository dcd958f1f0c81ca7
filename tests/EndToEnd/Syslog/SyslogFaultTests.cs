using Xunit;

namespace LocalService.Tests.EndToEnd.Syslog;

/// <summary>Wrong use, signals, hostile messages.</summary>
public sealed class SyslogFaultTests
{
    private const string Start = "mkfifo ready; s6-socklog -x s -d 5 $options >log 5>ready & server=$!; read -r _ <ready\n";

    [Theory]
    [InlineData("s6-socklog -d 1 -x s", "s6-socklog: fatal: notification fd must be 3 or more")]
    [InlineData("s6-socklog -d 57 -x s", "s6-socklog: fatal: invalid notification fd: Bad file descriptor")]
    [InlineData("s6-socklog -x s >&-", "s6-socklog: fatal: invalid stdout: Bad file descriptor")]
    [InlineData("s6-socklog -i 127.0.0.1:x", "s6-socklog: fatal: invalid address for -i: 127.0.0.1:x\ns6-socklog: usage: s6-socklog ...")]
    [InlineData("s6-socklog -i 127.0.0.1xyz", "s6-socklog: fatal: invalid address for -i: 127.0.0.1xyz\ns6-socklog: usage: s6-socklog ...")]
    [InlineData("s6-socklog -f 0", "s6-socklog: fatal: no socket that messages could come from: descriptor 0")]
    [InlineData("s6-syslogd -T iso", "s6-syslogd: fatal: invalid time format for -T: iso\ns6-syslogd: usage: s6-syslogd ...")]
    public void Wrong_use_ends_with_100(string command, string error) => Script.Expect($"{command}; echo $?", "100", error);

    [Fact]
    public void A_second_daemon_leaves_the_first_one_its_socket() => Script.Expect(
        Start + "s6-socklog -x s 2>&1 | grep -c fatal; sendlog s 1 1; kill $server; wait $server; echo $?; cat log",
        "1\n0\nuser.notice: message 0 0");

    [Fact]
    public void Streams_do_not_reach_a_datagram_socket() => Script.Expect(
        Start + "python3 -c 'import socket; print(socket.socket(socket.AF_UNIX).connect_ex(\"s\"))'; kill $server", "91");

    [Theory]
    [InlineData("-t 500", "99")]
    [InlineData("-t 500 -l 1000000", "99")]
    public void Who_can_not_write_in_time_says_so(string options, string code) => Script.Expect(
        $$"""
        mkfifo ready out; exec 9<>out
        s6-socklog -x s -d 5 {{options}} >out 5>ready & server=$!; read -r _ <ready
        sendlog s 4 3000 & sender=$!
        until_true eval '[ $(awk "/RssAnon/ { print \$2 }" /proc/$server/status) -gt 150 ]'
        kill $server; kill $server; wait $server; echo $?; kill $sender 2>/dev/null; true
        """,
        code);

    [Fact]
    public void A_reader_that_is_gone_ends_it() => Script.Expect(
        "mkfifo ready; { s6-socklog -x s -d 5 5>ready; echo $? >&2; } | true & read -r _ <ready; sendlog s 1 1; wait", "", "s6-socklog: fatal: unable to write to stdout: Broken pipe\n111");

    [Fact]
    public void Whatever_is_sent_is_a_line_and_descriptors_are_not_taken() => Script.Expect(
        "options='-c -l 4096'; " + Start + """
        descriptors=$(ls /proc/$server/fd | wc -l)
        python3 - <<'END'
        import array, os, random, socket
        random.seed(5)
        s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        s.connect("s")
        for i in range(20000):
            size = random.choice([0, 1, 2, 3, 10, 100, 4095, 4096, 4097, 65536 if i % 100 == 0 else 5])
            kind = random.random()
            body = os.urandom(size) if kind < .5 else bytes(random.choice(b"<>0123456789\n\0\x1b[1 -") for _ in range(size % 200))
            s.send(body)
        for i in range(50):
            s.sendmsg([b"<13>descriptors"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0, 1, 2]))])
        s.send(b"<13>END")
        END
        until_true grep -aq 'user.notice: END$' log
        echo $(($(ls /proc/$server/fd | wc -l) > descriptors))
        grep -ac 'descriptors$' log
        LC_ALL=C grep -avcE '^[0-9]+:0:0: ' log
        iconv -f utf-8 -t utf-8 log | LC_ALL=C tr -d '\n\t' | LC_ALL=C grep -ac '[[:cntrl:]]'
        kill $server; wait $server; echo $?
        """,
        "0\n50\n0\n0\n0");

    [Fact]
    public void A_stream_client_that_never_ends_its_message_costs_a_line() => Script.Expect(
        """
        mkfifo ready; s6-syslogd -x s -s t -n 3 -d 5 >log 5>ready & server=$!; read -r _ <ready
        python3 - <<'END'
        import socket, time
        clients = [socket.socket(socket.AF_UNIX) for _ in range(5)]
        for c in clients: c.connect("t")
        clients[0].sendall(b"x" * 5000000)
        clients[1].sendall(b"<13>begun")
        clients[2].sendall(b"<13>whole\n\0\0")
        for c in clients[:3]: c.close()
        # These two had to wait until others were gone.
        for c in clients[3:]: c.sendall(b"<13>later\n")
        END
        until_true eval '[ $(grep -c later log) = 2 ]'
        kill $server; wait $server; echo $?
        awk '{ print length($0), substr($0, 1, 18) }' log | sort
        """,
        "0\n1027 xxxxxxxxxxxxxxxxxx\n18 user.notice: begun\n18 user.notice: later\n18 user.notice: later\n18 user.notice: whole");
}
