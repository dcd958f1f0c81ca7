using Xunit;

namespace LocalService.Tests.EndToEnd.Services;

/// <summary>How a session begins and ends: specification "fd-passing", section 4, decisions 18, 22 and 23.</summary>
public sealed class SessionStartTests
{
    [Theory]
    [InlineData("EVENTS1")]
    [InlineData("EVENTS2")]
    public void Over_pipes_both_dialects_are_answered_on_the_third_channel_first(string dialect) => Script.Expect($$"""
        speak <<'END'
        s = Session.spawn("s6-ftrigrd", before={{dialect}})
        print(s.end())
        END
        """, "0");

    [Theory]
    [InlineData("ours")]
    [InlineData("peer")]
    public void Under_a_server_the_descriptor_is_handed_over_once(string server) => Script.Expect($$"""
        SERVER={{(server == "ours" ? "s6-ipcserver" : "/usr/bin/s6-ipcserver")}} serve sk s6-ftrigrd
        s6-mkfifodir D
        speak <<'END'
        for before, subscribe in ((EVENTS1, subscribe1), (EVENTS2, subscribe2)):
            s = Session.connect("sk", before)
            print(s.ask(subscribe(7, "D", "x")), len(fifos("D")))
            notify("D", "abxcx")
            print(s.event(), fifos("D"))
            s.end()
        END
        """, """
        00 1
        00072178 []
        00000000 1
        00000007000000006162786378 []
        """);

    [Theory]
    [InlineData("ftrigr v1.1 (b)\\n", "unable to sync with client: Protocol error")]
    [InlineData("ftrigr v1.0 (b)", "unable to sync with client: Protocol error")]
    [InlineData("ftrigr v1.0 (a)\\n", "unable to sync with client: Protocol error")]
    [InlineData("", "unable to sync with client: Protocol error")]
    public void A_client_that_says_something_else_gets_nothing(string before, string message) => Script.Expect($$"""
        speak <<'END'
        s = Session.spawn("s6-ftrigrd")
        s.send(b"{{before}}")
        print(s.exit_code(), s.event(), s.answer())
        END
        """, "111 closed closed", "s6-ftrigrd: fatal: " + message);

    [Theory]
    [InlineData("1", "Protocol error")]
    [InlineData("0", "Protocol error")]
    [InlineData("x", "Protocol error")]
    [InlineData("", "Protocol error")]
    [InlineData("99999999999", "Protocol error")]
    [InlineData("57", "Bad file descriptor")]
    public void The_number_of_the_third_channel_is_checked(string number, string message) => Script.Expect($$"""
        printf '\0\0\0\20ftrigr v1.0 (b)\n' | SKALIBS_CHILD_SPAWN_FDS={{number}} s6-ftrigrd | od -An -tx1
        echo ${PIPESTATUS[1]}
        """, "111", "s6-ftrigrd: fatal: unable to sync with client: " + message);

    [Fact]
    public void Without_a_variable_standard_input_has_to_be_a_socket() => Script.Expect("""
        printf '\0\0\0\20ftrigr v1.0 (b)\n' | s6-ftrigrd
        echo ${PIPESTATUS[1]}
        """, "111", "s6-ftrigrd: fatal: unable to sync with client: Protocol error");

    [Fact]
    public void A_client_that_ends_before_it_has_said_anything_is_told_of() => Script.Expect("""
        SKALIBS_CHILD_SPAWN_FDS=9 s6-ftrigrd 9>events </dev/null
        echo $?
        """, "111", "s6-ftrigrd: fatal: unable to sync with client: Broken pipe");

    [Fact]
    public void Commands_come_in_any_pieces_and_are_answered_in_order() => Script.Expect("""
        s6-mkfifodir D
        speak <<'END'
        s = Session.spawn("s6-ftrigrd", before=EVENTS1)
        for byte in frame(subscribe1(1, "D", "x")):
            s.write(bytes([byte]))
        print(s.answer())
        s.write(frame(subscribe1(2, "D", "x")) + frame(unsubscribe1(9)) + frame(unsubscribe1(1)))
        print(s.answer(), s.answer(), s.answer())
        print(s.end(), fifos("D"))
        END
        """, """
        00
        00 16 00
        0 []
        """);

    [Fact]
    public void Commands_that_come_with_the_greeting_are_carried_out() => Script.Expect("""
        s6-mkfifodir D
        speak <<'END'
        s = Session.spawn("s6-ftrigrd")
        s.write(frame(EVENTS1) + frame(subscribe1(1, "D", "x")) + frame(unsubscribe1(2)))
        print(s.event_bytes(), s.answer_bytes(), s.answer(), s.answer())
        END
        """, """
        b'ftrigr v1.0 (a)\n' b'ftrigr v1.0 (a)\n' 00 16
        """);

    [Fact]
    public void A_message_that_is_too_long_ends_the_session() => Script.Expect("""
        speak <<'END'
        s = Session.spawn("s6-ftrigrd", before=EVENTS2)
        s.write(b"\1\0\0\1")
        print(s.exit_code())
        END
        """, "111", "s6-ftrigrd: fatal: unable to read messages from client: Message too long");

    [Fact]
    public void Everything_is_close_on_exec_and_nothing_waits() => Script.Expect("""
        s6-mkfifodir D
        speak <<'END'
        s = Session.spawn("s6-ftrigrd", before=EVENTS2)
        s.ask(subscribe2(1, "D", "x"))
        folder = f"/proc/{s.process.pid}/fdinfo"
        flags = {int(d): int(open(f"{folder}/{d}").readlines()[1].split()[1], 8) for d in os.listdir(folder)}
        print([d for d in flags if d != 2 and not flags[d] & os.O_CLOEXEC])
        print([d for d in flags if d != 2 and not flags[d] & os.O_NONBLOCK and "anon" not in os.readlink(f"/proc/{s.process.pid}/fd/{d}")])
        END
        """, """
        []
        []
        """);

    [Fact] // decision 23
    public void A_client_that_does_not_read_loses_its_session_and_nobody_else_does() => Script.Expect("""
        s6-mkfifodir D
        speak <<'END'
        lazy = Session.spawn("s6-ftrigrd", before=EVENTS2)
        print(lazy.ask(subscribe2(1, "D", "x", repeat=True)))
        other = Session.spawn("s6-ftrigrd", before=EVENTS2)
        print(other.ask(subscribe2(1, "D", "y")))
        fifo = [os.path.join("D", f) for f in fifos("D")]
        flood = os.open(fifo[0], os.O_WRONLY)
        try:
            while lazy.process.poll() is None:
                os.write(flood, b"x" * 4096)
        except BrokenPipeError:
            pass
        print(lazy.exit_code(), len(fifos("D")))
        notify("D", "y")
        print(other.event())
        END
        """, """
        00000000
        00000000
        111 1
        000000010000000079
        """, "s6-ftrigrd: fatal: unable to flush asyncout: No buffer space available");

    [Fact]
    public void A_client_that_does_not_take_its_answers_is_not_served_until_it_does() => Script.Expect("""
        speak <<'END'
        s = Session.spawn("s6-ftrigrd", before=EVENTS2)
        os.set_blocking(s.commands, False)
        sent = 0
        while select.select([], [s.commands], [], 1)[1]:
            sent += os.write(s.commands, frame(unsubscribe2(7)) * 100) // 9
        count = 0
        while s.event(0) == "nothing" and select.select([s.answers], [], [], 1)[0]:
            assert s.answer() == "00000016"
            count += 1
        print(count >= sent > 10000, s.end())
        END
        """, "True 0");
}
