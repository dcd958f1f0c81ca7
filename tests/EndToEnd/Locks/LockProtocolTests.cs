using Xunit;

namespace LocalService.Tests.EndToEnd.Locks;

/// <summary>Commands, answers and events of the lock daemon. The numbers are those of the cases in the specification "lock".</summary>
public sealed class LockProtocolTests
{
    [Theory] // 1 to 3, decision 26
    [InlineData("False")]
    [InlineData("True")]
    public void A_lock_that_is_free_is_taken_at_once_whichever_length_is_sent(string countsNul) => Script.Expect($$"""
        speak <<'END'
        s = Session.spawn("s6lockd", ".", before=LOCKS)
        print(s.ask(acquire(1, "foo", counts_nul={{countsNul}})), s.event(), os.path.exists("foo"))
        print(s.ask(release(1)), s.end())
        END
        """, """
        00 000100 True
        00 0
        """);

    [Fact] // 4 and 5
    public void Errors() => Script.Expect("""
        speak <<'END'
        s = Session.spawn("s6lockd", ".", before=LOCKS)
        print(s.ask(release(1)), s.ask(struct.pack(">Hc3s", 1, b"<", b"abc")))
        good = acquire(1, "foo")
        print(s.ask(good[:-1]), s.ask(good[:-1] + b"x"), s.ask(good + b"\0"), s.ask(acquire(1, "f\0o")), s.ask(acquire(1, "nod/x")), s.ask(acquire(1, "")))
        bad = bytearray(good)
        bad[7] = 255
        print(s.ask(bytes(bad)), os.listdir("."))
        END
        """, """
        02 47
        47 47 47 47 02 02
        47 []
        """);

    [Theory] // 6
    [InlineData("""b"\0\1Z" """)]
    [InlineData("""b"\0\1" """)]
    public void What_is_no_command_ends_the_session(string command) => Script.Expect($$"""
        speak <<'END'
        s = Session.spawn("s6lockd", ".", before=LOCKS)
        s.send({{command}})
        print(s.exit_code(), s.answer())
        END
        """, "100 closed", "s6lockd: fatal: invalid client request");

    [Fact] // 8 and 9
    public void Attempts_wait_for_their_turn_and_fail_at_their_limit() => Script.Expect("""
        speak <<'END'
        s = Session.spawn("s6lockd", ".", before=LOCKS)
        print(s.ask(acquire(1, "foo")), s.event(), s.ask(acquire(2, "foo")), s.event(0.2))
        print(s.ask(release(1)), s.event())
        start = time.monotonic()
        print(s.ask(acquire(3, "foo", exclusive=False, seconds=0.5)), s.event(), 0.49 < time.monotonic() - start < 0.6)
        print(s.ask(release(3)), s.ask(acquire(4, "foo", seconds=-5)), s.event(), s.ask(acquire(5, "bar", seconds=-5)), s.event())
        END
        """, """
        00 000100 00 nothing
        00 000200
        00 00036e True
        02 00 00046e 00 000500
        """);

    [Fact]
    public void Cancelling_ends_an_attempt_and_releasing_takes_the_newest_of_an_id() => Script.Expect("""
        speak <<'END'
        s = Session.spawn("s6lockd", ".", before=LOCKS)
        print(s.ask(acquire(1, "foo")), s.event(), s.ask(acquire(2, "foo", seconds=60)), s.ask(acquire(3, "foo")))
        print(s.ask(release(2)), s.ask(release(2)), s.ask(release(1)), s.event(), s.event(0.1))
        print(s.ask(acquire(7, "a")), s.event(), s.ask(acquire(7, "b")), s.event(), s.ask(release(7)))
        t = Session.spawn("s6lockd", ".", before=LOCKS)
        print(t.ask(acquire(1, "b")), t.event(), t.ask(acquire(2, "a")), t.event(0.1))
        END
        """, """
        00 000100 00 00
        00 02 00 000300 nothing
        00 000700 00 000700 00
        00 000100 00 nothing
        """);

    [Theory] // 11, decision 25
    [InlineData("../esc")]
    [InlineData("/abs")]
    [InlineData("sub/../../esc")]
    [InlineData("sub/../foo")]
    [InlineData("out")]
    [InlineData("out/esc")]
    [InlineData("file")]
    public void Nothing_outside_of_the_directory_is_opened(string path) => Script.Expect($$"""
        mkdir -p d/sub outside
        ln -s ../outside d/out
        ln -s ../outside/made d/file
        speak <<'END'
        s = Session.spawn("s6lockd", "d", before=LOCKS)
        print(s.ask(acquire(1, "{{path}}")), s.ask(acquire(2, "sub/in")), os.listdir("outside"), os.path.exists("esc"))
        END
        """, "12 00 [] False");

    [Fact] // decision 25
    public void A_link_that_stays_inside_is_followed_where_the_kernel_knows_how() => Script.Expect("""
        mkdir -p d/sub
        ln -s sub d/link
        speak <<'END'
        s = Session.spawn("s6lockd", "d", before=LOCKS)
        print(s.ask(acquire(1, "link/in")), s.event(), os.path.exists("d/sub/in"))
        s = Session.spawn("strace", "-o", "trace", "-e", "trace=openat2", "-e", "inject=openat2:error=ENOSYS", "s6lockd", "d", before=LOCKS)
        print(s.ask(acquire(1, "link/in")), s.ask(acquire(2, "sub//./in")), s.ask(acquire(3, "../in")), s.ask(acquire(4, "link")))
        END
        """, """
        00 000100 True
        14 00 12 28
        """);

    // Whoever opens the file gets EAGAIN until the lease has ended, which takes 45 seconds (lease-break-time).
    [Fact]
    public void A_lease_of_the_file_holds_up_nobody() => Script.Expect("""
        speak <<'END'
        import fcntl, signal
        signal.signal(signal.SIGIO, signal.SIG_IGN)
        leased = os.open("leased", os.O_RDWR | os.O_CREAT, 0o666)
        fcntl.fcntl(leased, fcntl.F_SETLEASE, fcntl.F_WRLCK)
        s = Session.spawn("s6lockd", ".", before=LOCKS)
        print(s.ask(acquire(1, "leased")), s.ask(acquire(2, "foo")), s.event())
        END
        """, "0b 00 000200");

    [Fact] // 12
    public void A_shared_lock_makes_the_file() => Script.Expect("""
        umask 022
        speak <<'END'
        s = Session.spawn("s6lockd", ".", before=LOCKS)
        print(s.ask(acquire(1, "foo", exclusive=False)), s.event(), s.ask(acquire(2, "foo", exclusive=False)), s.event(), oct(os.stat("foo").st_mode))
        END
        """, "00 000100 00 000200 0o100644");

    [Theory] // 13
    [InlineData("TERM")]
    [InlineData("INT")]
    [InlineData("HUP")]
    public void A_signal_ends_it_and_gives_everything_back(string signal) => Script.Expect($$"""
        speak <<'END'
        import signal
        s = Session.spawn("s6lockd", ".", before=LOCKS)
        print(s.ask(acquire(1, "foo")), s.event(), s.ask(acquire(2, "foo")))
        s.process.send_signal(signal.SIG{{signal}})
        print(s.exit_code())
        t = Session.spawn("s6lockd", ".", before=LOCKS)
        print(t.ask(acquire(1, "foo")), t.event())
        END
        """, """
        00 000100 00
        0
        00 000100
        """);

    [Fact]
    public void A_thousand_attempts_wait_in_little_memory() => Script.Expect("""
        speak <<'END'
        s = Session.spawn("s6lockd", ".", before=LOCKS)
        print(s.ask(acquire(0, "foo")), s.event())
        before = resident(s.process.pid)
        print({s.ask(acquire(i, "foo", seconds=300)) for i in range(1, 1001)})
        until(lambda: len(os.listdir(f"/proc/{s.process.pid}/task")) == 1001)
        print(resident(s.process.pid) - before < 20000)
        print({s.ask(release(i)) for i in range(500, 1001)})
        until(lambda: len(os.listdir(f"/proc/{s.process.pid}/task")) == 500)
        print(s.ask(release(0)))
        for i in range(499):
            event = s.event_bytes()
            s.ask(release(struct.unpack(">H", event[:2])[0]))
            assert event[2] == 0
        print(s.event(0.1), len(os.listdir(f"/proc/{s.process.pid}/task")), len(os.listdir(f"/proc/{s.process.pid}/fd")))
        END
        """, """
        00 000000
        {'00'}
        True
        {'00'}
        00
        nothing 1 8
        """);

    [Fact]
    public void Behind_a_server_a_client_that_goes_away_gives_its_locks_back() => Script.Expect("""
        mkdir d
        serve sk s6lockd d
        speak <<'END'
        a = Session.connect("sk", LOCKS)
        print(a.ask(acquire(1, "foo")), a.event())
        b = Session.connect("sk", LOCKS)
        print(b.ask(acquire(1, "foo", seconds=60)), b.event(0.1))
        a.end()
        print(b.event())
        END
        """, """
        00 000100
        00 nothing
        000100
        """);

    [Fact]
    public void Three_users_take_locks_behind_a_gate() => Script.Expect("""
        put uid/1000/allow uid/1001/allow uid/0/allow
        mkdir d
        serve -a 777 sk s6-ipcserver-access -v 0 -i r s6lockd d
        s6-lock-acquire sk foo sh -c '
            as1000 s6-lock-acquire -t 200 sk foo echo locked
            setpriv --reuid 1001 --regid 1001 --clear-groups s6-lock-acquire sk bar id -u'
        as1000 s6-lock-acquire -s sk foo id -u
        setpriv --reuid 1002 --regid 1002 --clear-groups s6-lock-acquire sk foo echo never 2>&1 | sed 's/Connection reset by peer/Broken pipe/'
        """, """
        1001
        1000
        s6-lock-acquire: fatal: unable to connect to a lock daemon at sk: Broken pipe
        """, "s6-lock-acquire: fatal: lock foo: timed out");
}
