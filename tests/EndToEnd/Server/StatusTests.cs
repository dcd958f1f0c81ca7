using Xunit;

namespace LocalService.Tests.EndToEnd.Server;

/// <summary>The status files of servers, and the programs that show them.</summary>
public sealed class StatusTests
{
    private const string Json = "import json,sys; s=json.load(sys.stdin)[0]; c=s['connections']; ";

    private const string WaitFor =
        "wait_for() { for _ in $(seq 3000); do \"$@\" >/dev/null 2>&1 && return; sleep 0.01; done; echo \"gave up: $*\"; }\n";

    [Theory]
    [InlineData("-j 1"), InlineData("-j 3")]
    public void It_counts_and_lists_connections(string threads) => Script.Expect(
        WaitFor + $$"""
        put uid/7/deny uid/default/allow
        s6-ipcserver -1 -s status -C 2 {{threads}} -- sock s6-ipcserver-access -v0 -i r cat >ready 2>log & server=$!
        wait_for test -s ready
        mkfifo hold; exec 3<>hold
        s6-ipcclient sock s6-ioconnect <hold >/dev/null & first=$!
        count() { s6-status -j status | python3 -c "import json,sys; sys.exit(json.load(sys.stdin)[0]['$1'] != $2)"; }
        wait_for count live 1
        listed() { s6-status status | grep -q 'uid 0 gid 0'; }
        wait_for listed
        setpriv --reuid 7 --regid 7 --clear-groups s6-ipcclient sock cat 2>/dev/null
        wait_for count refused_gate 1
        s6-status -j status | python3 -c "{{Json}}print(s['server'], s['alive'], s['accepted'], s['refused_gate'], s['live'], s['peak'], s['maximum'], [(e['uid'], e['gid']) for e in c], len([e for e in c if e['pid'] > 0]))"
        s6-status -p status | grep -E '_(up|live|accepted)'
        stat -c '%a %U' status
        exec 3>&-; kill $first; wait $first 2>/dev/null
        wait_for count live 0
        kill -9 $server; wait $server 2>/dev/null
        s6-status status | sed -n '1s/pid [0-9]*/pid PID/p'
        s6-status nothing 2>/dev/null; echo $?
        head -c 300 status >short; s6-status short 2>&1 | tail -n 1
        """,
        """
        s6-ipcserverd True 2 1 1 2 40 [(0, 0)] 1
        # TYPE localservice_up gauge
        localservice_up{file="status",server="s6-ipcserverd"} 1
        # TYPE localservice_accepted_total counter
        localservice_accepted_total{file="status",server="s6-ipcserverd"} 2
        # TYPE localservice_live gauge
        localservice_live{file="status",server="s6-ipcserverd"} 1
        644 root
        status  s6-ipcserverd pid PID dead
        nothing: No such file or directory
        111
        s6-status: fatal: unable to read status of a server from short: Invalid argument
        """);

    // Such numbers stand for groups of processes in kill(2), which there always are.
    [Theory]
    [InlineData("0"), InlineData("-1")]
    public void A_file_without_a_process_is_that_of_a_dead_server(string process) => Script.Expect(
        $$"""
        mkfifo ready; s6-ipcserver -1 -s status sock true >ready & server=$!; read -r _ <ready
        kill -9 $server; wait $server 2>/dev/null
        python3 - $server <<'END'
        import struct, sys
        before = open("status", "rb").read()
        after = before.replace(struct.pack("i", int(sys.argv[1])), struct.pack("i", {{process}}), 1)
        assert after != before
        open("damaged", "wb").write(after)
        END
        s6-status damaged | grep -ow 'alive\|dead'
        """,
        "dead");

    [Fact]
    public void A_server_that_cannot_make_its_file_does_not_start() => Script.Expect(
        "s6-ipcserver -s nowhere/status sock true; echo $?",
        "111",
        "s6-ipcserverd: fatal: unable to make status file nowhere/status: No such file or directory");

    [Theory]
    [InlineData("s6-ipcserverd -s status true"), InlineData("s6-fdholderd -s status -i r")]
    public void A_file_that_cannot_be_made_leaves_nothing_behind(string program) => Script.Expect(
        $$"""
        put uid/0/allow
        for call in openat pwrite64 mmap fchmod renameat; do
            for ((n = 1; n < 10; n++)); do
                strace -qq -o calls -e trace=$call -e inject=$call:error=ENOSPC:when=$n s6-ipcserver-socketbinder sock {{program}} </dev/null 2>log & started=$!
                ended() { ! kill -0 $started 2>/dev/null || [ -e status ]; }
                until_true ended
                if [ -e status ]; then kill $(cat /proc/$started/task/*/children) 2>/dev/null; fi 2>/dev/null
                wait $started; code=$?
                rm -f status; grep -q INJECTED calls || break
                grep -q 'unable to make status file' log && echo $call $code $(ls -A | grep -c '^status[:]')
            done
        done | sort -u
        """,
        """
        fchmod 111 0
        mmap 111 0
        openat 111 0
        pwrite64 111 0
        renameat 111 0
        """);

    [Fact]
    public void Watching_shows_colours_and_puts_the_terminal_back() => Script.Expect(
        WaitFor +
        """
        s6-ipcserver -1 -s status sock cat >ready 2>log & server=$!
        wait_for test -s ready
        t() { tmux -S tmux -f /dev/null "$@"; }
        t new-session -d -x 100 -y 24 'sh'
        t send-keys 'stty -a >before; s6-status -w status; stty -a >after' Enter
        shows() { t capture-pane -pe | grep -q "$1"; }
        wait_for shows "live 0/40"
        t capture-pane -pe | grep -c '.\[32m.*alive'
        t send-keys p i a q
        wait_for test -s after; cmp before after
        t send-keys 's6-status -w status; stty -a >later' Enter
        wait_for shows "live 0/40"
        t send-keys C-c
        wait_for test -s later; cmp before later && echo same
        t kill-server; kill $server; wait $server
        s6-status status | grep -c ended
        """,
        """
        1
        same
        1
        """);
}
