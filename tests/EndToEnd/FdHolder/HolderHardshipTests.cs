using Xunit;

namespace LocalService.Tests.EndToEnd.FdHolder;

/// <summary>No client and no unlucky moment can end a holder or lock others out.</summary>
public sealed class HolderHardshipTests
{
    [Theory]
    [InlineData("epoll_pwait:error=ENOMEM:when=1..9", "wait for events: Cannot allocate memory")]
    [InlineData("epoll_pwait:error=EAGAIN:when=2+3", "wait for events: Resource temporarily unavailable")]
    [InlineData("accept4:error=EPERM:when=1..2", "accept: Operation not permitted")]
    [InlineData("accept4:error=EPROTO:when=1..2", "accept: Protocol error")]
    [InlineData("accept4:error=ENOMEM:when=1..2", "accept: Cannot allocate memory")]
    public void An_error_of_a_call_does_not_end_it(string injected, string warning) => Script.Expect($"""
        grant_all uid/0
        mkfifo ready
        strace -D -f -qq -o trace -e inject={injected} s6-fdholder-daemon -1 -i r sk >ready 2>log &
        server=$!
        read -r _ <ready
        talk <<'END'
        c = Connection()
        print(c.ask(store("a"), [null]), Connection().ask(retrieve("a")))
        END
        kill $server
        wait $server
        # 1: it holds something; 2: a client is connected, as far as it has been told.
        echo $(($? & 253))
        sed -n 1p log
        """, $"""
        00 00 +1
        1
        s6-fdholderd: warning: unable to {warning}
        """);

    [Fact]
    public void A_client_that_cannot_be_watched_is_dropped_with_a_warning() => Script.Expect("""
        grant_all uid/0
        mkfifo ready
        # Watched before it: the timer, the listening socket, the signals.
        strace -D -f -qq -o trace -e inject=epoll_ctl:error=ENOMEM:when=4 s6-fdholder-daemon -1 -i r sk >ready 2>log &
        server=$!
        read -r _ <ready
        talk <<'END'
        print(Connection().is_closed())
        print(Connection().ask(b"L"))
        END
        kill $server
        wait $server
        cat log
        """, """
        True
        0000000000
        s6-fdholderd: warning: unable to watch client: Cannot allocate memory
        """);

    [Fact]
    public void What_could_not_be_closed_is_closed_later_without_another_request() => Script.Expect("""
        mkfifo ready; grant_all uid/0
        strace -D -f -qq -o trace -e trace=clone -e inject=clone:error=EAGAIN:when=1..3 s6-fdholder-daemon -1 -i r sk >ready 2>log &
        server=$!
        read -r _ <ready
        : >old; s6-fdholder-store sk name <old; s6-fdholder-replace sk name </dev/null
        gone() { ! ls -l /proc/$server/fd 2>/dev/null | grep -q "$PWD/old"; }
        until_true gone
        [ $(grep -c INJECTED trace) -ge 3 ] && echo refused
        kill $server; wait $server; cat log
        """, """
        refused
        s6-fdholderd: warning: unable to start the thread that closes descriptors: Resource temporarily unavailable
        """);

    [Fact]
    public void A_deletion_does_not_wait_for_a_thread_that_cannot_be_started() => Script.Expect("""
        mkfifo ready; grant_all uid/0
        strace -D -f -qq -o trace -e trace=clone -e inject=clone:error=EAGAIN s6-fdholder-daemon -1 -i r sk >ready 2>log &
        server=$!
        read -r _ <ready
        for i in 1 2 3 4 5; do s6-fdholder-store sk $i </dev/null; done
        for i in 1 2 3 4 5; do timeout 0.8 s6-fdholder-delete sk $i; done; s6-fdholder-list sk; echo $?
        kill $server; wait $server; sort -u log
        """, """
        0
        s6-fdholderd: warning: unable to start the thread that closes descriptors: Resource temporarily unavailable
        """);

    // Without a timer the thread leaves all closing to processes. It can start only one. (Each thread counts its own calls.)
    [Fact]
    public void Where_processes_that_close_are_refused_the_thread_closes() => Script.Expect("""
        mkfifo ready; grant_all uid/0
        strace -D -f -qq -o trace -e trace=clone,timer_create -e inject=timer_create:error=ENOSYS -e inject=clone:error=EPERM:when=2+ s6-fdholder-daemon -1 -i r sk >ready 2>log &
        server=$!
        read -r _ <ready
        gone() { ! ls -l /proc/$server/fd 2>/dev/null | grep -q "$PWD/$1\$"; }
        for file in first second; do
            : >$file; s6-fdholder-store sk $file <$file; s6-fdholder-delete sk $file
            until_true gone $file
        done
        grep -c 'clone.*INJECTED' trace
        kill $server; wait $server; cat log
        """, "1");

    [Fact]
    public void Places_come_back_from_clients_that_hold_their_own_end() => Script.Expect("""
        hold -t 300
        talk <<'END'
        for i in range(16):
            c = Connection()
            c.ask(b"L")
            c.write(b"\0\0", [c.socket.fileno()])
            c.close()
        print(Connection().ask(b"L"))
        END
        """, "0000000000");

    // The client asks for the descriptor again and again and never reads: the last answer is under way when the entry is deleted.
    [Fact]
    public void What_somebody_else_has_deleted_is_not_held_again_when_a_client_goes_without_its_answer() => Script.Expect("""
        hold
        talk <<'END'
        other = Connection()
        print(other.ask(store("x"), [null]))
        before = descriptors_of(sys.argv[2])
        c = Connection()
        c.socket.settimeout(0.5)
        try:
            while True:
                c.socket.sendall(frame(retrieve("x")) * 100)
        except TimeoutError:
            pass
        print(other.ask(delete("x")), other.ask(b"L"))
        c.close()
        until(lambda: descriptors_of(sys.argv[2]) < before)
        print(other.ask(b"L"))
        END
        """, """
        00
        00 0000000000
        0000000000
        """);

    [Fact]
    public void The_clock_runs_from_the_first_byte_of_a_message() => Script.Expect("""
        hold -t 300
        talk <<'END'
        c = Connection()
        print(c.ask(b"L"))
        c.write(frame(store("x"), 1)[:5])
        print(c.is_closed())
        END
        """, """
        0000000000
        True
        """);

    [Fact]
    public void Who_may_store_nothing_has_no_descriptors_wait() => Script.Expect("""
        grant uid/0 LIST=1
        hold
        talk <<'END'
        c = Connection()
        print(c.ask(store("x"), [null]), c.ask(b"L"))
        c.write(b"\0", [null])
        print(c.is_closed())
        END
        """, """
        01 0000000000
        True
        """);

    [Fact]
    public void Only_who_takes_too_much_goes() => Script.Expect("""
        ulimit -n 100
        hold -n 20 -v 0
        talk <<'END'
        c = Connection()
        half = frame(store("x"), 1)
        c.write(half[:10], [null])
        for i in range(3):
            Connection().write(frame(dump_part(entry("y")), 253)[:1], [null] * 253)
        other = Connection()
        print(other.ask(store("z"), [null]))
        c.write(half[10:])
        print(c.answer())
        END
        """, """
        00
        00
        """);
}
