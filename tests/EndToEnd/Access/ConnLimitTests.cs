using System.Collections.Generic;
using System.Linq;
using System.Net.Sockets;
using Xunit;

namespace LocalService.Tests.EndToEnd.Access;

/// <summary>Limits on the connections of a group, and on all.</summary>
public sealed class ConnLimitTests
{
    [Theory]
    [InlineData("-j 1", "-t 7"), InlineData("-j 3", "-t 7"), InlineData("-j 8", "-t 7"), InlineData("-S -j 3", "-t 7"), InlineData("-j 3", "-g 7"), InlineData("-S -j 8", "-g 7 -t 40")]
    public void No_more_are_let_in_however_many_come_at_once(string options, string limit)
    {
        using RunningServer server = RunningServer.Start(
            new ServerSetup { Options = $"-c 100 -C 100 {options}", Program = $"s6-connlimit {limit} cat" });
        List<Socket> sockets = [.. Enumerable.Range(0, 40).AsParallel().WithDegreeOfParallelism(8).Select(_ => server.Connect())];
        Assert.Equal(7, sockets.Count(socket => RunningServer.Exchange(socket, "x") == "x"));
        server.ExpectStatus("7/100");
        sockets.ForEach(socket => socket.Dispose());
        server.ExpectStatus("0/100");
        Assert.Equal("hello", server.Ask("hello"));
        server.Stop();
    }

    private const string Clients =
        """
        mkfifo hold; exec 9<>hold
        # client UID GID: connects and stays; what it is told is printed.
        client() {
            s6-applyuidgid -u $1 -g $2 s6-ipcclient ${socket-sock} s6-ioconnect -e <&9 >answer.$((clients + 1)) &
            last=$! clients=$((clients + 1))
            until_true test -s answer.$clients
            cat answer.$clients
        }

        """;

    [Theory]
    [InlineData(""), InlineData("-S"), InlineData("-j 1")]
    public void The_connections_of_a_group_are_those_of_all_its_users(string mode) => Script.Expect(
        Clients +
        $$"""
        serve {{mode}} -v -C 3 sock s6-connlimit -g 3 --total=5 -m full sh -c 'echo in $IPCCONNNUM $IPCCONNGROUP $IPCCONNTOTAL; exec cat' 2>log
        client 1 100; client 1 100; client 2 100; first=$last; client 3 100
        client 3 200; client 4 200; client 5 300
        disown $first; kill -KILL $first; gone() { grep -q 'status: 4/40' <(tail -n 1 log); }; until_true gone
        client 6 100; client 6 300
        kill $server
        grep -o 'fatal: .*' log
        """,
        """
        in 1 1 1
        in 2 2 2
        in 1 3 3
        full
        in 1 1 4
        in 1 2 5
        full
        in 1 3 5
        full
        fatal: number of connections from this group limited to 3
        fatal: number of connections limited to 5
        fatal: number of connections limited to 5
        """);

    [Fact]
    public void Rules_give_other_limits_to_others() => Script.Expect(
        Clients +
        """
        put uid/default/allow uid/0/allow gid/100/allow
        mkdir r/uid/0/env r/gid/100/env
        echo 3 >r/uid/0/env/IPCCONNMAXTOTAL
        echo 1 >r/gid/100/env/IPCCONNMAXGROUP
        serve sock s6-ipcserver-access -v0 -i r s6-connlimit -g 2 -t 2 -m full sh -c 'echo in; exec cat' 2>log
        rm -r r/uid/default
        client 1 100; client 2 100
        put uid/default/allow
        client 3 200; client 4 300
        client 0 0; client 0 0
        kill $server; cat log
        """,
        """
        in
        full
        in
        full
        in
        full
        s6-connlimit: fatal: number of connections from this group limited to 1
        s6-connlimit: fatal: number of connections limited to 2
        s6-connlimit: fatal: number of connections limited to 3
        """);

    [Fact]
    public void The_numbers_are_told_to_who_asks_for_them() => Script.Expect(
        """
        show() { serve "$@" sh -c 'env | grep ^IPCCONN'; cl | sort; kill $server; echo .; }
        show sock
        show sock s6-connlimit -t 9
        put uid/0/allow
        show sock s6-ipcserver-access -v0 -i r /usr/bin/env s6-connlimit -g 9
        IPCCONNTOTAL=77 IPCCONNGROUP=77 show sock
        IPCCONNTOTAL= show sock sh -c 'exec s6-connlimit -t 1 "$@"' sh
        show sock sh -c 'exec s6-connlimit -t 1 "$@"' sh 2>&1
        IPCCONNTOTAL= IPCCONNGROUP= show -P sock
        IPCCONNTOTAL= IPCCONNGROUP= show sock s6-ipcserver-access -v0 -E -i r
        """,
        """
        IPCCONNNUM=1
        .
        IPCCONNNUM=1
        IPCCONNTOTAL=1
        .
        IPCCONNGROUP=1
        IPCCONNNUM=1
        .
        IPCCONNGROUP=1
        IPCCONNNUM=1
        IPCCONNTOTAL=1
        .
        IPCCONNNUM=1
        IPCCONNTOTAL=1
        .
        s6-connlimit: fatal: IPCCONNTOTAL not set
        .
        IPCCONNGROUP=
        IPCCONNNUM=
        IPCCONNTOTAL=1
        .
        .
        """);

    [Fact]
    public void What_is_missing_or_no_number_is_refused() => Script.Expect(
        """
        limit() { env PROTO=IPC "$@" echo in 2>&1; echo $?; }
        limit s6-connlimit -t 1
        export IPCCONNNUM=1
        limit s6-connlimit -t 1
        limit IPCCONNTOTAL= s6-connlimit -t 1
        limit IPCCONNTOTAL=1x s6-connlimit -t 1
        limit IPCCONNTOTAL=1 IPCCONNMAXTOTAL= s6-connlimit -t 1
        limit IPCCONNTOTAL=1 s6-connlimit -g 1 -t 1
        limit IPCCONNTOTAL=1 IPCCONNGROUP=-1 s6-connlimit -g 1 -t 1
        limit IPCCONNTOTAL=1 IPCCONNGROUP=1 IPCCONNMAXGROUP=y s6-connlimit -g 1 -t 1
        limit IPCCONNTOTAL=2 IPCCONNGROUP=3 IPCCONNMAXGROUP=4 IPCCONNMAXTOTAL=02 s6-connlimit -g 1 -t 1
        limit IPCCONNTOTAL=2 IPCCONNMAX=0 s6-connlimit -t 1
        limit IPCCONNTOTAL=1 s6-connlimit -t 0
        limit IPCCONNTOTAL=9 IPCCONNMAXTOTAL=1 s6-connlimit
        limit IPCCONNTOTAL=1 s6-connlimit -t x 2>&1 | head -n 1
        limit PROTO=TCP TCPCONNNUM=1 TCPCONNGROUP=1 s6-connlimit -g 1
        limit PROTO=TCP TCPCONNNUM=1 TCPCONNTOTAL=2 s6-connlimit -t 1
        """,
        """
        s6-connlimit: fatal: IPCCONNNUM not set
        100
        s6-connlimit: fatal: IPCCONNTOTAL not set
        100
        s6-connlimit: fatal: invalid IPCCONNTOTAL
        100
        s6-connlimit: fatal: invalid IPCCONNTOTAL
        100
        s6-connlimit: fatal: invalid IPCCONNMAXTOTAL
        100
        s6-connlimit: fatal: IPCCONNGROUP not set
        100
        s6-connlimit: fatal: invalid IPCCONNGROUP
        100
        s6-connlimit: fatal: invalid IPCCONNMAXGROUP
        100
        in
        0
        s6-connlimit: fatal: number of connections from this client limited to 0
        1
        s6-connlimit: fatal: number of connections limited to 0
        1
        in
        0
        s6-connlimit: fatal: invalid number for -t: x
        s6-connlimit: fatal: clients of TCP have no group, so there is no -g
        100
        s6-connlimit: fatal: number of connections limited to 1
        1
        """);

    [Fact]
    public void Over_TCP_there_is_a_limit_in_total() => NetworkScript.Expect(
        """
        mkfifo hold; exec 9<>hold
        s6-tcpserver 127.0.0.1 8001 s6-connlimit -t 2 -m full sh -c 'echo in $TCPCONNNUM $TCPCONNTOTAL; exec cat' & s=$!
        up 8001
        for i in 1 2 3; do
            socat TCP:127.0.0.1:8001,bind=127.0.0.1$i - <&9 >answer.$i &
            wait_for test -s answer.$i
            cat answer.$i
        done
        kill $s
        s6-tcpserver 127.0.0.1 8002 s6-connlimit -g 2 echo in & s=$!
        up 8002
        cl 127.0.0.1 8002
        kill $s
        """,
        "in 1 1\nin 1 2\nfull",
        """
        s6-connlimit: fatal: number of connections limited to 2
        s6-connlimit: fatal: clients of TCP have no group, so there is no -g
        """);

    [Fact]
    public void A_connection_on_standard_input_has_no_numbers() => Script.Expect(
        """
        put uid/0/allow
        export IPCCONNNUM=1 IPCCONNGROUP=1 IPCCONNTOTAL=1
        withsocket 0 connected s6-ipcserver-access -0v0 -i r sh -c 'env | grep -c ^IPCCONN'
        """,
        "0");
}
