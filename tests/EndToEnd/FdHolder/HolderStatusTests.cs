using Xunit;

namespace LocalService.Tests.EndToEnd.FdHolder;

/// <summary>The status file of a holder, and a server or holder whose file is truncated by another process.</summary>
public sealed class HolderStatusTests
{
    private const string Show = """
        show() { s6-status -j "$@" | python3 -c '
        import json, sys
        for s in json.load(sys.stdin):
            print(s["file"], s["server"], s["alive"], *(f"{name}={s[name]}" for name in ["accepted", "refused_gate", "live", "peak", "maximum", "ended"]),
                  sorted((c["uid"], c["gid"]) for c in s["connections"]))'; }

        """;

    [Fact]
    public void It_shows_its_clients_and_how_many_there_were() => Script.Expect(
        Show +
        """
        grant_all uid/0; grant uid/1000 LIST=1
        hold -c 20 -s status
        show status
        s6-fdholder-store sk name </dev/null
        setpriv --reuid 7 --regid 7 --clear-groups s6-fdholder-list sk 2>/dev/null; echo $?
        mkfifo go; cat >client.py <<'END'
        import os, socket, sys
        c = socket.socket(socket.AF_UNIX)
        c.connect("sk")
        c.sendall(b"\0\0\0\1\0\0L")
        c.recv(100)
        print(os.getpid(), flush=True)
        open("go").read()
        END
        chmod 755 . ; setpriv --reuid 1000 --regid 1001 --clear-groups python3 client.py >pid1 & first=$!
        python3 client.py >pid2 &
        python3 client.py >pid3 &
        for i in 1 2 3; do until_true test -s pid$i; done
        shown() { s6-status status | grep -q 'live 3/20'; }; until_true shown
        show status
        s6-status status | sed -n 's/  *[0-9]*s  / AGE /p' | sort >listed
        printf '%s AGE uid %s\n' "$(cat pid1)" '1000 gid 1001' "$(cat pid2)" '0 gid 0' "$(cat pid3)" '0 gid 0' | sort >expected
        sed 's/^ *//' listed | sort | diff - expected && echo same
        kill $first; exec 9<>go; echo >go; exec 9>&-
        left() { s6-status status | grep -q 'live 0/20  peak 3'; }
        until_true left
        kill -KILL $server; wait $server 2>/dev/null
        s6-status status | sed -n '1s/pid [0-9]*/pid PID/p'
        hold -s status; kill $server; wait $server; s6-status status | grep -c ' ended$'
        """,
        """
        status s6-fdholderd True accepted=0 refused_gate=0 live=0 peak=0 maximum=20 ended=0 []
        1
        status s6-fdholderd True accepted=5 refused_gate=1 live=3 peak=3 maximum=20 ended=1 [(0, 0), (0, 0), (1000, 1001)]
        same
        status  s6-fdholderd pid PID dead
        1
        """);

    [Fact]
    public void Files_of_servers_and_holders_are_shown_together() => Script.Expect(
        Show +
        """
        hold -s holder; holder=$server
        serve -s server sock cat
        cl; s6-fdholder-list sk
        idle() { [ $(s6-status holder server | grep -c 'live 0/') = 2 ]; }; until_true idle
        show holder server
        s6-status -p holder server nothing 2>/dev/null | grep '_up{\|_live{'
        kill $server $holder
        SERVER=s6-fdholder-daemon; serve -i r -s no/where sk 2>&1 | head -n 1
        """,
        """
        holder s6-fdholderd True accepted=1 refused_gate=0 live=0 peak=1 maximum=16 ended=1 []
        server s6-ipcserverd True accepted=1 refused_gate=0 live=0 peak=1 maximum=40 ended=1 []
        localservice_up{file="holder",server="s6-fdholderd"} 1
        localservice_up{file="server",server="s6-ipcserverd"} 1
        localservice_up{file="nothing"} 0
        localservice_live{file="holder",server="s6-fdholderd"} 0
        localservice_live{file="server",server="s6-ipcserverd"} 0
        s6-fdholderd: fatal: unable to make status file no/where: No such file or directory
        """);

    [Theory]
    [InlineData("-j 1"), InlineData("-j 3 -c 100")]
    public void A_server_whose_file_is_made_shorter_goes_on_without_it(string options) => Script.Expect(
        $$"""
        serve {{options}} -s status sock echo in
        hold -s held; cl; s6-fdholder-store sk name </dev/null
        for size in 0 100 5000; do
            truncate -s $size status held
            for i in {1..20}; do cl; done | sort | uniq -c
            s6-fdholder-list sk
        done
        s6-status status 2>&1 | tail -n 1
        kill -BUS $server; wait $server 2>/dev/null; echo $?
        """,
        """
        in
             20 in
        name
             20 in
        name
             20 in
        name
        s6-status: fatal: unable to read status of a server from status: Invalid argument
        135
        """);
}
