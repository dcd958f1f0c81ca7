using Xunit;

namespace LocalService.Tests.EndToEnd.Syslog;

/// <summary>Many senders, readers that stop, restarts: no line gets lost, and memory doesn't grow.</summary>
public sealed class SyslogServiceTests
{
    private const string Start = "mkfifo ready; s6-syslogd -x s -s t -d 5 >log 5>ready & server=$!; read -r _ <ready\n";

    // Every message of every sender is there once, and those of one sender are in order.
    private const string CheckAll =
        """
        check() {
            cat "$@" | awk -v senders=$senders -v count=$count '
                { if ($NF != seen[$(NF-1)]++) wrong++ }
                END { for (i = 0; i < senders; i++) if (seen[i] != count) wrong++; print NR, wrong + 0 }'
        }

        """;

    [Theory]
    [InlineData("s")]
    [InlineData("t")]
    public void Nothing_of_64_senders_gets_lost(string socket) => Script.Expect(
        CheckAll + Start + $"senders=64 count=300; sendlog {socket} 64 300; kill $server; wait $server; echo $?; check log",
        "0\n19200 0");

    [Fact]
    public void A_reader_that_stops_stops_the_senders_and_nothing_gets_lost_or_grows() => Script.Expect(
        CheckAll + """
        senders=8 count=20000
        mkfifo ready out; s6-syslogd -x s -s t -d 5 >out 5>ready & server=$!
        (exec <out; until_true test -e go; exec cat >log) & reader=$!
        read -r _ <ready
        sendlog s 4 20000 & sendlog t 4 20000 & clients=$(jobs -p | tail -2)
        # All of them come to rest, with no more than the buffer of the daemon full.
        before=0; until_true eval '[ "$before" = "$(grep RssAnon /proc/$server/status)" ] || { before=$(grep RssAnon /proc/$server/status); sleep 0.3; false; }'
        awk '/RssAnon/ { print ($2 < 6000) }' /proc/$server/status
        touch go
        wait $clients
        # The reader has caught up, and the buffer is given back.
        given_back() { [ "$(awk '/RssAnon/ { print $2 }' /proc/$server/status)" -lt 600 ]; }; until_true given_back
        kill $server; wait $server; echo $?; wait $reader
        wc -l <log
        """,
        "1\n0\n160000");

    // The sender says how many messages were taken. That of datagrams stops when nothing is taken for a second: what it sent between the last look of the
    // daemon and its end would be lost. That of a stream goes on until it can't. A reader of the lines comes when the daemon has got its signal.
    [Theory]
    [InlineData("s")]
    [InlineData("t")]
    public void What_was_sent_before_SIGTERM_is_written_although_the_reader_is_behind(string socket) => Script.Expect(
        $$"""
        mkfifo ready out; s6-syslogd -x s -s t -d 5 >out 5>ready & server=$!
        (exec <out; until_true test -e go; exec cat >log) & reader=$!
        read -r _ <ready
        python3 - {{socket}} >sent <<'END' & sender=$!
        import select, socket, sys
        path = sys.argv[1]
        kind = socket.SOCK_DGRAM if path == "s" else socket.SOCK_STREAM
        client = socket.socket(socket.AF_UNIX, kind)
        client.connect(path)
        client.setblocking(False)
        sent = rest = 0
        message = b"<13>" + b"x" * 200 + b"\0" * (kind == socket.SOCK_STREAM)
        try:
            while select.select([], [client], [], 1 if kind == socket.SOCK_DGRAM else 30)[1]:
                try:
                    rest += client.send(message[rest:])
                except BlockingIOError:
                    continue
                if rest == len(message):
                    sent, rest = sent + 1, 0
                    open("full", "a").write("x")
        except OSError:
            pass
        print(sent, flush=True)
        END
        before=0; until_true eval '[ -s full ] && [ "$before" = "$(wc -c <full)" ] || { before=$(cat full 2>/dev/null | wc -c); sleep 0.3; false; }'
        [ {{socket}} = t ] || wait $sender
        kill $server; touch go; wait $server; echo $?; wait $reader $sender
        [ "$(grep -c 'x$' log)" = "$(cat sent)" ] && [ "$(cat sent)" -gt 100 ] && echo all || wc -l log sent
        """,
        "0\nall");

    [Theory]
    [InlineData("", "")]
    [InlineData("-n 3", "")] // no more than three clients at a time
    [InlineData("", "prlimit --nofile=12 ")]
    public void Clients_that_were_not_accepted_yet_are_heard_at_the_end(string options, string limit) => Script.Expect(
        $$"""
        mkfifo ready; {{limit}}s6-syslogd {{options}} -x s -s t -d 5 >log 5>ready 2>warnings & server=$!; read -r _ <ready
        kill -STOP $server
        for i in $(seq 20); do printf "<13>one $i\0<13>two $i" | socat -u - UNIX-CONNECT:t; done
        kill $server; kill -CONT $server; wait $server; echo $?; wc -l <log
        """,
        "0\n40");

    [Fact]
    public void Clients_of_a_socket_that_is_held_elsewhere_wait_for_the_next_daemon() => Script.Expect(
        """
        hold; s6-ipcserver-socketbinder $PWD/t s6-fdholder-store $PWD/sk log
        start() { mkfifo ready$1; s6-fdholder-retrieve sk log s6-syslogd -f 0 -d 5 >log$1 5>ready$1 & server2=$!; read -r _ <ready$1; }
        start 1
        kill -STOP $server2; printf '<13>hello' | socat -u - UNIX-CONNECT:t; kill $server2; kill -CONT $server2; wait $server2; wc -l <log1
        start 2; until_true grep hello log2
        kill $server2; wait $server2; kill $server; wait $server || :
        """,
        "0\nuser.notice: hello");

    [Fact]
    public void Restarts_of_logger_and_daemon_lose_nothing() => Script.Expect(
        CheckAll + """
        senders=4 count=5000
        grant_all uid/0; hold
        s6-ipcserver-socketbinder -mb0 $PWD/log.socket s6-fdholder-store $PWD/sk log
        mkdir -p scan/syslog/log logs
        printf '#!/bin/sh\nexec s6-fdholder-retrieve %s log s6-syslogd -f 0 -u nobody -d 3\n' $PWD/sk >scan/syslog/run
        echo 3 >scan/syslog/notification-fd
        printf '#!/bin/sh\nexec s6-log -b n200 s20000 %s\n' $PWD/logs >scan/syslog/log/run
        chmod +x scan/syslog/run scan/syslog/log/run
        s6-svscan scan & svscan=$!
        trap 's6-svscanctl -t scan; wait $svscan; kill -KILL $server' EXIT
        until_true s6-svok scan/syslog; s6-svwait -U scan/syslog
        sendlog log.socket 4 5000 & sender=$!
        # s6-svc -wR of 2.11 waits for ever when its listener comes late, on a machine that is busy.
        restarted() { read -r pid ready < <(s6-svstat -o pid,ready scan/syslog) && [ "$pid" != "$before" ] && [ "$ready" = true ]; }
        for i in 1 2 3 4 5; do
            s6-svc -a scan/syslog/log # rotates
            before=$(s6-svstat -o pid scan/syslog)
            s6-svc -r scan/syslog
            until_true restarted
            s6-svc -r scan/syslog/log
        done
        wait $sender; echo $?
        until_true eval '[ $(cat logs/@* logs/current 2>/dev/null | wc -l) -ge 20000 ]'
        check logs/@* logs/current
        """,
        "0\n20000 0");

    [Fact]
    public void Who_floods_is_held_to_its_limit_and_others_are_not() => Script.Expect(
        Start.Replace(">log", "-C 50 >log 2>err", System.StringComparison.Ordinal) + """
        as1000 sendlog s 2 2000 flood; sendlog s 1 20 mine
        until_true grep -q 'lines above' err
        kill $server; wait $server
        [ $(grep -c flood log) -lt 1000 ] && echo limited; grep -c mine log
        dropped=$(sed -n 's/.*uid 1000: \([0-9]*\) lines above 50 a second were dropped/\1/p' err | awk '{ s += $1 } END { print s }')
        echo $(($(grep -c flood log) + dropped))
        """,
        "limited\n20\n4000");

    [Fact]
    public void What_UDP_loses_is_counted_and_said() => Script.Expect(
        """
        cat >inside <<'END'
        source functions.bash
        ip link set lo up
        mkfifo ready out; s6-socklog -i 127.0.0.1_514 -d 5 >out 5>ready 2>err & server=$!
        (exec <out; until_true test -e go; exec cat >log) & reader=$!
        read -r _ <ready
        python3 -c '
        import socket
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for i in range(60000): s.sendto(b"<13>" + b"x" * 900, ("127.0.0.1", 514))'
        touch go log
        until_true eval '[ $(wc -l <log) -gt 1000 ]'
        python3 -c 'import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"<13>last", ("127.0.0.1", 514))'
        until_true grep -q last log
        until_true grep -q lost err
        kill $server; wait $server $reader
        lost=$(sed -n 's/^s6-socklog: warning: \([0-9]*\) datagrams were lost$/\1/p' err | awk '{ s += $1 } END { print s }')
        echo $(($(wc -l <log) + lost))
        END
        sed -i "s/^        //" inside; unshare --net bash inside
        """,
        "60001");
}
