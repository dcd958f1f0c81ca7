using Xunit;

namespace LocalService.Tests.Interop;

/// <summary>Event notification with the C programs at the other end: specification "ftrig", section 5.</summary>
public sealed class EventPairTests
{
    // Starts a supervision tree of $1 services that are down and can announce readiness.
    private const string Tree = """
        tree() {
            local i
            for ((i = 1; i <= $1; i++)); do
                mkdir -p scan/s$i
                : >scan/s$i/down
                echo 3 >scan/s$i/notification-fd
                printf '#!/bin/sh\necho >&3\nexec sleep 1000 3>&-\n' >scan/s$i/run
                chmod 755 scan/s$i/run
            done
            /usr/bin/s6-svscan -t0 scan 2>svscan.log &
            scan=$!
            for ((i = 1; i <= $1; i++)); do
                until_true /usr/bin/s6-svok scan/s$i
            done
        }
        fell() {
            s6-svscanctl -t scan
            wait $scan
        }

        """;

    // Runs a command with our daemon in the place where the C library looks for its own.
    private const string OurDaemon = """
        with_our_daemon() {
            cp "$(readlink -f "$(command -v s6-ftrigrd)")" s6-ftrigrd
            unshare -m sh -c 'mount --bind s6-ftrigrd /usr/bin/s6-ftrigrd && exec "$@"' sh "$@"
        }

        """;

    [Theory]
    [InlineData("s6-", "/usr/bin/s6-")]
    [InlineData("/usr/bin/s6-", "s6-")]
    public void Fifodirs_of_one_kind_serve_listeners_of_the_other(string maker, string listener) => Script.Expect($$"""
        {{maker}}mkfifodir D
        {{listener}}ftrig-wait -t 20000 D b & waiting=$!
        until_true has_fifo D
        {{maker}}ftrig-notify D b
        wait $waiting
        ls -A D
        """, "b");

    [Fact]
    public void Up_ready_and_down_of_services_are_never_missed() => Script.Expect(Tree + """
        tree 50
        follow() {
            local round
            for round in 1 2 3 4 5 6 7; do
                s6-ftrig-listen1 -t 30000 $1/event U /usr/bin/s6-svc -u $1 | tail -c 3
                s6-ftrig-listen1 -t 30000 $1/event D /usr/bin/s6-svc -d $1 | tail -c 3
            done
        }
        for service in scan/s*; do
            follow $service >$service/events & followers+=($!)
        done
        wait "${followers[@]}"
        cat scan/*/events | sort | uniq -c | sed 's/^ *//'
        fell
        """, """
        350 dD
        350 uU
        """);

    [Fact]
    public void Our_tools_wait_for_services_and_the_C_tools_for_ours() => Script.Expect(Tree + """
        tree 1
        s6-ftrig-listen " scan/s1/event" " u" " scan/s1/event" " U" "" /usr/bin/s6-svc -u scan/s1
        echo $?
        /usr/bin/s6-svwait -U -t 10000 scan/s1
        echo $?
        s6-mkfifodir D
        /usr/bin/s6-ftrig-listen1 -t 10000 D 'a.*b' s6-ftrig-notify D xaab
        fell
        """, """
        0
        0
        b
        """);

    [Fact]
    public void Our_daemon_serves_the_C_library() => Script.Expect(Tree + OurDaemon + """
        tree 1
        with_our_daemon bash -c '
            s6-ftrig-listen1() { /usr/bin/s6-ftrig-listen1 "$@"; echo $?; }
            s6-ftrig-listen1 -t 20000 scan/s1/event U /usr/bin/s6-svc -u scan/s1
            /usr/bin/s6-svwait -U -t 20000 scan/s1; echo $?
            /usr/bin/s6-svlisten1 -d -t 20000 scan/s1 /usr/bin/s6-svc -d scan/s1; echo $?
            /usr/bin/s6-svwait -u -t 200 scan/s1; echo $?
            s6-mkfifodir D
            /usr/bin/s6-ftrig-wait -t 200 D a; echo $?
            /usr/bin/s6-ftrig-wait D "("; echo $?
            /usr/bin/s6-ftrig-listen -t 20000 " D" " a" " D" " c" "" s6-ftrig-notify D abc; echo $?
            ls -A D
        '
        fell
        """, """
        U
        0
        0
        0
        99
        1
        111
        0
        """, """
        s6-svwait: fatal: timed out
        s6-ftrig-wait: fatal: unable to match regexp on a: Connection timed out
        s6-ftrig-wait: fatal: unable to subscribe to D with regexp (: Invalid argument
        """);

    [Fact]
    public void Our_wait_has_the_daemon_of_C_wait_for_it() => Script.Expect("""
        s6-mkfifodir D
        { until_true sh -c 'ls D | grep -q .'; s6-ftrig-notify D abc; } &
        s6-ftrig-wait -1 -d /usr/bin/s6-ftrigrd D b
        wait
        ls D
        """, "b");
}
