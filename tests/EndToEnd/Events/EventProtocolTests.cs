using Xunit;

namespace LocalService.Tests.EndToEnd.Events;

/// <summary>Commands, answers and events, byte by byte. The numbers are those of the cases in the specification "ftrig".</summary>
public sealed class EventProtocolTests
{
    [Fact] // 13 and 14
    public void First_generation_events_are_bytes_and_a_single_subscription_ends_with_its_match() => Script.Expect("""
        s6-mkfifodir D; s6-mkfifodir E
        speak <<'END'
        s = Session.spawn("s6-ftrigrd", before=EVENTS1)
        print(s.ask(subscribe1(7, "D", "x")), s.ask(subscribe1(8, "E", "y", repeat=True)))
        notify("D", "abxcx")
        print(s.event(), fifos("D"))
        notify("E", "yyzy")
        print(s.event(), s.event(), s.event(), s.event(0.1), len(fifos("E")))
        print(s.ask(unsubscribe1(7)), s.ask(unsubscribe1(8)), fifos("E"))
        END
        """, """
        00 00
        00072178 []
        00082179 00082179 00082179 nothing 1
        16 00 []
        """);

    [Fact] // 15
    public void First_generation_errors() => Script.Expect("""
        s6-mkfifodir D
        speak <<'END'
        s = Session.spawn("s6-ftrigrd", before=EVENTS1)
        print(s.ask(subscribe1(1, "missing", "x")), s.ask(subscribe1(1, "D", "(")), s.ask(subscribe1(1, "", "xx")))
        print(s.ask(subscribe1(1, "D", "")), s.ask(struct.pack(">Hcxx", 1, b"L")))
        good = bytearray(subscribe1(1, "D", "x"))
        for place, value in ((10, 2), (14, 2), (7, 255), (-1, 1), (-3, 1)):
            bad = bytearray(good)
            bad[place] = value
            print(s.ask(bytes(bad)), end=" ")
        print(s.ask(bytes(good)), fifos("D") != [])
        END
        """, """
        02 16 02
        47 47
        47 47 47 47 47 00 True
        """);

    [Theory] // 16
    [InlineData("EVENTS1", """b"\0\1Q" """)]
    [InlineData("EVENTS1", """b"\0\1" """)]
    [InlineData("EVENTS1", """b"" """)]
    [InlineData("EVENTS2", """b"Q\0\0\0\1" """)]
    [InlineData("EVENTS2", """b"-\0\0\1" """)]
    [InlineData("EVENTS2", """b"-\0\0\0\1\1" """)]
    [InlineData("EVENTS2", """subscribe2(1, "D", "x") + b"x" """)]
    [InlineData("EVENTS2", """subscribe2(1, "D", "x")[:20]""")]
    public void What_is_no_command_ends_the_session(string dialect, string command) => Script.Expect($$"""
        s6-mkfifodir D
        speak <<'END'
        s = Session.spawn("s6-ftrigrd", before={{dialect}})
        s.ask(subscribe1(3, "D", "x") if {{dialect}} == EVENTS1 else subscribe2(3, "D", "x"))
        s.send({{command}})
        print(s.exit_code(), s.answer(), fifos("D"))
        END
        """, "100 closed []", "s6-ftrigrd: fatal: invalid client request");

    [Fact] // 17 and 18
    public void Second_generation_events_are_all_that_was_read() => Script.Expect("""
        s6-mkfifodir D
        umask 077
        speak <<'END'
        s = Session.spawn("s6-ftrigrd", before=EVENTS2)
        print(s.ask(bytes.fromhex("2b 00000007 00000000 00000000 00000000 00000004 44 00 78 00")))
        print(oct(os.stat(os.path.join("D", fifos("D")[0])).st_mode & 0o7777), len(fifos("D")[0]))
        notify("D", "abxcx")
        print(s.event(), fifos("D"))
        print(s.ask(subscribe2(8, "D", "y", repeat=True)))
        notify("D", "yyzy")
        print(s.event_bytes()[8:])
        notify("D", "q")
        print(s.event(0.2))
        notify("D", "y")
        print(s.event_bytes()[8:])
        END
        """, """
        00000000
        0o622 39
        00000007000000006162786378 []
        00000000
        b'yyzy'
        nothing
        b'qy'
        """);

    [Fact] // 19
    public void Subscriptions_are_cancelled_in_any_order() => Script.Expect("""
        s6-mkfifodir D
        speak <<'END'
        for gone in range(3):
            s = Session.spawn("s6-ftrigrd", before=EVENTS2)
            for i in range(3):
                s.ask(subscribe2(i, "D", "x", repeat=True))
            print(s.ask(unsubscribe2(gone)), len(fifos("D")), end=" ")
            notify("D", "x")
            print(sorted([s.event(), s.event()]), s.end(), fifos("D"))
        END
        """, """
        00000000 2 ['000000010000000078', '000000020000000078'] 0 []
        00000000 2 ['000000000000000078', '000000020000000078'] 0 []
        00000000 2 ['000000000000000078', '000000010000000078'] 0 []
        """);

    [Fact] // 20, decision 24
    public void Unknown_and_finished_ids_can_not_be_cancelled_and_live_ones_not_used_again() => Script.Expect("""
        s6-mkfifodir D
        speak <<'END'
        s = Session.spawn("s6-ftrigrd", before=EVENTS2)
        print(s.ask(unsubscribe2(5)), s.ask(subscribe2(5, "D", "x")), s.ask(subscribe2(5, "D", "y")), s.ask(subscribe2(2**32 - 1, "D", "x")))
        notify("D", "x")
        print(s.event(), s.ask(unsubscribe2(5)), s.ask(subscribe2(5, "D", "y")))
        first = Session.spawn("s6-ftrigrd", before=EVENTS1)
        print(first.ask(subscribe1(5, "D", "x")), first.ask(subscribe1(5, "D", "x")), first.ask(unsubscribe1(5)), first.ask(unsubscribe1(5)), first.ask(unsubscribe1(5)))
        END
        """, """
        00000016 00000000 00000011 00000016
        000000050000000078 00000016 00000000
        00 00 00 00 16
        """);

    [Fact] // 21, decision 24
    public void A_timeout_carries_the_right_id_and_takes_the_fifo_along() => Script.Expect("""
        s6-mkfifodir D
        speak <<'END'
        s = Session.spawn("s6-ftrigrd", before=EVENTS2)
        start = time.monotonic()
        for i, ms in ((7, 500), (5, 300), (6, 0)):
            s.ask(subscribe2(i, "D", "x", milliseconds=ms))
        print(s.event(), 0.3 <= time.monotonic() - start < 0.5, len(fifos("D")), s.event(), len(fifos("D")))
        END
        """, "000000050000006e True 2 000000070000006e 1");

    [Fact]
    public void Second_generation_errors() => Script.Expect("""
        s6-mkfifodir D
        speak <<'END'
        s = Session.spawn("s6-ftrigrd", before=EVENTS2)
        print(s.ask(subscribe2(1, "missing", "x")), s.ask(subscribe2(1, "D", "(")), s.ask(subscribe2(1, "", "x")), s.ask(subscribe2(1, "x" * 5000, "x")))
        for payload in (b"D\0", b"D\0x", b"Dx\0", b"D\0x\0y\0", b""):
            print(s.ask(struct.pack(">cIIIII", b"+", 1, 0, 0, 0, len(payload)) + payload), end=" ")
        print(fifos("D"))
        END
        """, """
        00000002 00000016 00000002 00000024
        00000047 00000047 00000047 00000047 00000047 []
        """);

    [Fact] // 25
    public void What_expressions_match_depends_on_the_generation() => Script.Expect("""
        s6-mkfifodir D
        speak <<'END'
        for before, subscribe in ((EVENTS1, subscribe1), (EVENTS2, subscribe2)):
            print(end=before[7:11].decode() + ":")
            for expression in ("^u", "d$", "[[:alpha:]]u", "u{2}", "(a|b)+c"):
                s = Session.spawn("s6-ftrigrd", before=before)
                s.ask(subscribe(1, "D", expression))
                notify("D", "udabcuu")
                event = s.event_bytes(0.2)
                print(end=" " + (event[8 if before == EVENTS2 else 3:].decode() or "none"))
                s.end()
            print()
        END
        """, """
        v1.0: none none u u c
        v2.0: udabcuu none udabcuu udabcuu udabcuu
        """);

    [Fact] // 26
    public void Matches_follow_each_other() => Script.Expect("""
        s6-mkfifodir D
        speak <<'END'
        s = Session.spawn("s6-ftrigrd", before=EVENTS1)
        s.ask(subscribe1(1, "D", "xx", repeat=True))
        notify("D", "xxxxx")
        print(s.event(), s.event(), s.event(0.2))
        s.end()
        s = Session.spawn("s6-ftrigrd", before=EVENTS2)
        s.ask(subscribe2(1, "D", "x", repeat=True))
        notify("D", "x" * 100)
        print(*[len(s.event_bytes()) - 8 for i in range(4)])
        END
        """, """
        00012178 00012178 nothing
        31 31 31 7
        """);

    [Fact] // 27
    public void A_match_of_nothing_takes_one_event() => Script.Expect("""
        s6-mkfifodir D
        speak <<'END'
        s = Session.spawn("s6-ftrigrd", before=EVENTS1)
        print(s.ask(subscribe1(1, "D", "b*")), s.ask(subscribe1(2, "D", "b*", repeat=True)))
        notify("D", "xbby")
        print(sorted(s.event() for i in range(4)), s.event(0.2))
        END
        """, """
        00 00
        ['00012178', '00022162', '00022178', '00022179'] nothing
        """);

    [Fact] // 29
    public void An_event_of_zero_hides_nothing() => Script.Expect("""
        s6-mkfifodir D
        speak <<'END'
        s = Session.spawn("s6-ftrigrd", before=EVENTS2)
        s.ask(subscribe2(1, "D", "x"))
        with open(os.path.join("D", fifos("D")[0]), "wb") as fifo:
            fifo.write(b"q\0x")
        print(s.event_bytes()[8:])
        END
        """, @"b'q\x00x'");

    [Theory] // 32, decision 24
    [InlineData("TERM")]
    [InlineData("INT")]
    [InlineData("HUP")]
    public void A_signal_removes_the_fifos(string signal) => Script.Expect($$"""
        s6-mkfifodir D
        speak <<'END'
        import signal
        s = Session.spawn("s6-ftrigrd", before=EVENTS2)
        s.ask(subscribe2(1, "D", "x"))
        s.process.send_signal(signal.SIG{{signal}})
        print(s.exit_code(), fifos("D"))
        END
        """, "0 []");
}
