using Xunit;

namespace LocalService.Tests.EndToEnd.FdHolder;

/// <summary>The server around the requests: command lines, limits, time, signals.</summary>
public sealed class HolderServerTests
{
    [Theory]
    [InlineData("s6-fdholder-daemon sk", "100", "s6-fdholder-daemon: fatal: no access rights specified!")]
    [InlineData("s6-fdholder-daemon -i r", "100", "s6-fdholder-daemon: fatal: missing operand: path\ns6-fdholder-daemon: usage: s6-fdholder-daemon ...")]
    [InlineData("s6-fdholder-daemon -c x -i r sk", "100", "s6-fdholder-daemon: fatal: invalid number for -c: x\ns6-fdholder-daemon: usage: s6-fdholder-daemon ...")]
    [InlineData("s6-fdholder-daemon -G 1,, -i r sk", "100", "s6-fdholder-daemon: fatal: invalid list of group ids for -G: 1,,\ns6-fdholder-daemon: usage: s6-fdholder-daemon ...")]
    [InlineData("s6-fdholderd", "100", "s6-fdholderd: fatal: no access rights specified!")]
    [InlineData("s6-fdholderd -n", "100", "s6-fdholderd: fatal: missing argument for -n\ns6-fdholderd: usage: s6-fdholderd ...")]
    [InlineData("s6-fdholderd -z -i r", "100", "s6-fdholderd: fatal: unknown option: -z\ns6-fdholderd: usage: s6-fdholderd ...")]
    [InlineData("s6-fdholderd -i r", "100", "s6-fdholderd: fatal: stdin is not a socket")]
    [InlineData("withsocket 0 bound s6-fdholderd -i r", "100", "s6-fdholderd: fatal: stdin is not a listening socket")]
    [InlineData("withsocket 0 tcp s6-fdholderd -i r", "100", "s6-fdholderd: fatal: stdin is not a Unix domain socket")]
    [InlineData("withsocket 0 listening s6-fdholderd -1 -i r >&-", "100", "s6-fdholderd: fatal: called with option -1 but stdout said: Bad file descriptor")]
    [InlineData("withsocket 0 listening s6-fdholderd -x none", "111", "s6-fdholderd: fatal: unable to cdb_init none: No such file or directory")]
    [InlineData("prlimit --nofile=6:6 s6-fdholderd -i r", "111", "s6-fdholderd: fatal: open file limit too low")]
    public void What_is_wrong_is_said_at_the_start(string command, string code, string error) =>
        Script.Expect($"{command}; echo $?", code, error);

    [Fact]
    public void The_chain_runs_in_one_process_with_one_name() => Script.Expect("""
        grant_all uid/0
        env UID=65534 GID=65534 GIDLIST=65534 s6-fdholder-daemon -1 -U -i r other >ready.other &
        until_true test -s ready.other
        tr '\0' ' ' </proc/$!/cmdline; cat /proc/$!/comm; awk '/^Uid/ { print $2 }' /proc/$!/status
        stat -c %a other other.lock
        """, """
        s6-fdholderd -1 -i r s6-fdholderd
        65534
        777
        600
        """);

    [Fact]
    public void It_serves_a_socket_that_others_have_bound() => Script.Expect("""
        grant_all uid/0
        SERVER=/usr/bin/s6-ipcserver-socketbinder
        mkfifo ready
        $SERVER -- sk "$(command -v s6-fdholderd)" -1 -i r >ready &
        server=$!
        read -r _ <ready
        talk <<'END'
        print(Connection().ask(b"L"))
        END
        SERVER=/usr/bin/s6-ipcserver-socketbinder
        $SERVER -B -- blocking "$(command -v s6-fdholderd)" -1 -i r >ready &
        server=$!
        read -r _ <ready
        unixmessage.py blocking <<'END'
        print(Connection().ask(b"L"))
        END
        """, """
        0000000000
        0000000000
        """);

    [Fact] // 15
    public void More_clients_than_allowed_wait() => Script.Expect("""
        hold -c 2
        talk <<'END'
        first, second, third = Connection(), Connection(), Connection()
        print(first.ask(b"L"), second.ask(b"L"))
        third.send(b"L")
        third.socket.settimeout(0.3)
        try:
            print(third.answer())
        except TimeoutError:
            print("waits")
        third.socket.settimeout(LIMIT)
        first.close()
        print(third.answer(), second.ask(b"L"))
        END
        """, """
        0000000000 0000000000
        waits
        0000000000 0000000000
        """);

    [Fact] // 16
    public void A_silent_client_is_dropped_and_an_idle_one_is_not() => Script.Expect("""
        hold -t 300
        talk <<'END'
        silent, idle, stuck = Connection(), Connection(), Connection()
        print(idle.ask(b"L"))
        stuck.write(frame(b"L")[:3])
        print(silent.answer(), stuck.answer())
        time.sleep(0.4)
        print(idle.ask(b"L"))
        # Once an answer waits, the time counts again.
        idle.ask(set_dump(250))
        idle.ask(dump_part(*[entry(b"%0255d" % i) for i in range(250)]), [null] * 250)
        held = descriptors_of(sys.argv[2])
        for i in range(20):
            idle.send(b"L")
        until(lambda: descriptors_of(sys.argv[2]) == held - 1)
        END
        """, """
        0000000000
        closed closed
        0000000000
        """);

    [Theory] // 17
    [InlineData("", "0")]
    [InlineData("c = Connection(); c.ask(b'L')", "2")]
    [InlineData("c = Connection(); c.ask(store('a'), [null]); c.close()", "1")]
    [InlineData("c = Connection(); c.ask(store('a'), [null])", "3")]
    public void The_exit_code_tells_what_was_left(string state, string code) => Script.Expect($"""
        hold
        held=$(ls /proc/$server/fd | wc -l)
        talk <<'END' &
        {state}
        if "close" in {$"\"{state}\""}:
            until(lambda: descriptors_of(sys.argv[2]) == {(code == "1" ? "int(os.environ['HELD']) + 1" : "0")})
        open("reached", "w").close()
        time.sleep(LIMIT)
        END
        until_true test -e reached
        kill $server
        wait $server
        echo $?
        """.Replace("talk <<", "HELD=$held talk <<"), code);

    [Fact] // 18
    public void Pending_answers_are_sent_first_but_not_for_ever() => Script.Expect("""
        hold -T 500
        talk <<'END' &
        c = Connection()
        for i in range(4):
            c.ask(set_dump(250))
            c.ask(dump_part(*[entry(b"%0255d" % (i * 250 + j)) for j in range(250)]), [null] * 250)
        for i in range(20):
            c.send(b"L")
        open("reached", "w").close()
        time.sleep(LIMIT)
        END
        until_true test -e reached
        kill $server
        wait $server
        echo $?
        """, "3");

    [Fact]
    public void A_reader_gets_its_answers_after_SIGTERM() => Script.Expect("""
        hold
        talk <<'END'
        import signal
        c, other = Connection(), Connection()
        c.ask(set_dump(250))
        c.ask(dump_part(*[entry(b"%0255d" % i) for i in range(250)]), [null] * 250)
        c.write(frame(b"L") * 20)
        other.ask(b"L")
        os.kill(int(sys.argv[2]), signal.SIGTERM)
        answers = [len(c.answer()) for i in range(20)]
        print(set(answers), c.answer(), other.answer())
        END
        wait $server
        echo $?
        """, """
        {128010} closed closed
        3
        """);

    [Fact]
    public void A_clock_that_is_set_wakes_the_holder() => Script.Expect("""
        grant_all uid/0
        s6-ipcserver-socketbinder sk strace -o trace -e trace=timerfd_create,timerfd_settime s6-fdholderd -1 -i r >ready &
        server=$!
        until_true test -s ready
        talk <<'END'
        print(Connection().ask(store("a", 1000), [null]))
        END
        until_true grep -q settime trace
        sed 's/(.*CLOCK/ CLOCK/; s/([0-9]*//; s/, {.*//; s/, TFD_[CN].*//' trace
        """, """
        00
        timerfd_create CLOCK_REALTIME
        timerfd_settime, TFD_TIMER_ABSTIME|TFD_TIMER_CANCEL_ON_SET
        """);

    [Theory]
    [InlineData("-c 0", 1)]
    [InlineData("-c 300", 256)]
    public void The_number_of_clients_has_bounds(string option, int most) => Script.Expect($"""
        hold {option}
        talk <<'END'
        before = descriptors_of(sys.argv[2])
        clients = [Connection() for i in range({most} + 5)]
        until(lambda: descriptors_of(sys.argv[2]) == before + {most})
        print(clients[{most} - 1].ask(b"L"))
        clients.pop(0).close()
        print(clients[{most} - 1].ask(b"L"), descriptors_of(sys.argv[2]) == before + {most})
        END
        """, "0000000000\n0000000000 True");

    [Fact]
    public void Nothing_is_inherited_and_nothing_leaks() => Script.Expect("""
        hold
        talk <<'END'
        server = sys.argv[2]
        c = Connection()
        c.ask(store("a"), [null])
        def flags(number):
            with open(f"/proc/{server}/fdinfo/{number}") as info:
                return int(next(line for line in info if line.startswith("flags")).split()[1], 8)
        numbers = [int(number) for number in os.listdir(f"/proc/{server}/fd")]
        print([number for number in numbers if number not in (2, 10) and number < 64 and not flags(number) & os.O_CLOEXEC])
        c.close()
        until(lambda: descriptors_of(server) == len(numbers) - 1)
        before = descriptors_of(server)
        for i in range(300):
            c = Connection()
            c.send(store(f"n{i}"), [null])
            c.send(retrieve(f"n{i}"))
            c.send(delete(f"n{i}"))
            c.send(b"S", [null] * 5)
            assert [c.answer() for j in range(4)] == ["00", "00 +1", "00", "closed"]
        until(lambda: descriptors_of(server) == before)
        END
        """, "[]");
}
