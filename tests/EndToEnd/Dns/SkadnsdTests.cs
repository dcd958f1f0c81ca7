using Xunit;

namespace LocalService.Tests.EndToEnd.Dns;

/// <summary>Asynchronous DNS as a service. Specification "dns", section 1 and cases 1 to 21, with B1 to B3, B11, B12, B19, B20, B24 and B31.</summary>
public sealed class SkadnsdTests
{
    private const string Good = "servers 127.0.0.10=good; resolv 127.0.0.10\n";

    [Fact]
    public void Queries_end_in_events() => DnsScript.Expect(
        Good + "skadns.py Q:7:1:-:a.test wait Q:7:1:-:nope.test wait Q:7:28:-:a.test wait Q:3:65535:-:a.test wait Q:8:1:never:multi.test wait",
        """
        00
        event 7 0 code 0 answers 1 0a010203
        00
        event 7 0 code 3 answers 0 00010001
        00
        event 7 0 code 0 answers 1 00000001
        00
        event 3 0 code 0 answers 0 ffff0001
        00
        event 8 0 code 0 answers 3 0a000002
        exit 0
        """);

    [Fact]
    public void The_name_is_checked() => DnsScript.Expect(
        Good + "skadns.py Q:1:1:-:. wait Q:1:1:-:a wait Q:1:1:-:=ffffffffff Q:1:1:-:=0261620078797a Q:1:1:-:=0261 Q:1:0:-:a.test wait",
        """
        00
        event 1 0 code 0 answers 1 0a000000
        00
        event 1 0 code 0 answers 1 0a010101
        16
        16
        16
        00
        event 1 22
        exit 0
        """);

    [Fact]
    public void A_live_id_again_is_an_error_and_a_cancel_is_silent() => DnsScript.Expect(
        Good + "skadns.py Q:1:1:-:slow200.test Q:1:1:-:slow100.test q:1 q:1 q:9 Q:2:1:-:slow300.test wait q:2",
        """
        00
        11
        00
        02
        02
        00
        event 2 0 code 0 answers 1 0a010203
        02
        exit 0
        """);

    [Fact]
    public void Limits_are_kept_whatever_the_traffic() => DnsScript.Expect("""
        servers 127.0.0.10=silent
        resolv 127.0.0.10
        skadns.py Q:1:1:past:a.test wait Q:2:1:300:a.test wait
        python3 - <<'END'
        import struct, time, select
        import skadns
        session = skadns.Session()
        session.ask(skadns.query(1, 1, "300", "a.test"))
        start = time.monotonic()
        while not select.select([session.events.descriptor], [], [], 0.005)[0]:
            assert session.ask(struct.pack(">Hc", 9, b"q")) == "02"
        print(0.25 < time.monotonic() - start < 5, skadns.shown(session.events.message()), session.end())
        END
        """, """
        00
        event 1 110
        00
        event 2 110
        exit 0
        True event 1 110 0
        """);

    [Theory]
    [InlineData("servfail", 16)]
    [InlineData("refused", 111)]
    [InlineData("notimp", 95)]
    public void The_last_word_of_a_server_is_an_errno(string behaviour, int status) => DnsScript.Expect(
        $"servers 127.0.0.10={behaviour}; resolv 127.0.0.10; skadns.py Q:1:1:-:a.test wait", $"00\nevent 1 {status}\nexit 0");

    [Fact]
    public void Where_nobody_can_be_asked_the_answer_says_so() => DnsScript.Expect(
        "resolv 10.1.1.1; skadns.py Q:1:1:-:a.test; resolv 127.0.0.99; skadns.py Q:1:1:-:a.test wait", "65\nexit 0\n00\nevent 1 101\nexit 0");

    [Theory]
    [InlineData("00")]
    [InlineData("0007")]
    [InlineData("00075a")]
    [InlineData("000751")]
    [InlineData("0007510001000000000000000000000000")]
    public void What_is_no_command_ends_the_session(string message) => DnsScript.Expect(
        Good + $"skadns.py Q:1:1:-:slow100.test raw:{message}", "00\nclosed\nexit 100", "s6-skadnsd: fatal: invalid client request");

    [Fact]
    public void A_socket_is_as_good_as_pipes() => DnsScript.Expect(Good + """
        mkfifo ready
        s6-ipcserver -1 -- sock s6-skadnsd >ready &
        server=$!
        read -r _ <ready
        skadns.py --socket sock Q:7:1:-:a.test wait
        kill $server
        """, "00\nevent 7 0 code 0 answers 1 0a010203\nexit 0");

    [Fact]
    public void What_comes_with_the_greeting_is_served() => DnsScript.Expect(Good + """
        python3 - <<'END'
        import skadns
        hello = b"skadns v1.0 (b)\n"
        together = hello + skadns.text_message(skadns.query(7, 1, "-", "a.test"))
        # The length of the greeting alone stands in front of both.
        skadns.text_message = lambda data, original=skadns.text_message: original(hello) + data[len(hello):] if data is together else original(data)
        session = skadns.Session(hello=together)
        print(session.answers.message().hex(), skadns.shown(session.events.message()), session.end())
        END
        """, "00 event 7 0 code 0 answers 1 0a010203 0");

    [Fact]
    public void A_server_can_be_given() => DnsScript.Expect("""
        servers 127.0.0.10:5353=good [::1]:5354=good
        resolv 127.0.0.99
        python3 - <<'END'
        import skadns
        for server in ("127.0.0.10:5353", "[::1]:5354"):
            session = skadns.Session(["s6-skadnsd", "-s", server])
            print(session.ask(skadns.query(7, 1, "-", "a.test")), skadns.shown(session.events.message()), session.end())
        END
        s6-skadnsd -s nonsense; echo $?
        """, """
        00 event 7 0 code 0 answers 1 0a010203 0
        00 event 7 0 code 0 answers 1 0a010203 0
        100
        """, """
        s6-skadnsd: fatal: invalid address for -s: nonsense
        s6-skadnsd: usage: s6-skadnsd ...
        """);

    [Fact]
    public void Fifty_thousand_queries_may_be_pending() => DnsScript.Expect(Good + """
        ulimit -n 1000
        python3 - <<'END'
        import os, select, struct
        import skadns
        COUNT = 50000
        session = skadns.Session()
        pending = b"".join(skadns.text_message(skadns.query(number, 1, "-", f"n{number}.test")) for number in range(COUNT))
        os.set_blocking(session.input, False)
        answers, events = 0, {}
        while len(events) < COUNT:
            readable, writable, _ = select.select([session.answers.descriptor, session.events.descriptor], [session.input] if pending else [], [], 30)
            assert readable or writable
            if writable:
                pending = pending[os.write(session.input, pending[:4096]):]
            if session.answers.descriptor in readable:
                assert session.answers.message() == b"\0"
                answers += 1
                while len(session.answers.data) >= 5:
                    assert session.answers.message() == b"\0"
                    answers += 1
            if session.events.descriptor in readable or len(session.events.data) > 4:
                while True:
                    event = session.events.message()
                    number, status = struct.unpack(">HB", event[:3])
                    assert status == 0 and number not in events and event[-4:] == bytes([10, 9, number // 256 % 256, number % 256])
                    events[number] = True
                    data = session.events.data
                    if len(data) < 4 or len(data) < 4 + struct.unpack(">I", data[:4])[0]:
                        break
        resident = int(next(line for line in open(f"/proc/{session.process.pid}/status") if line.startswith("VmRSS")).split()[1])
        print(answers, len(events), resident < 50000, session.end())
        END
        """, "50000 50000 True 0");

    [Fact]
    public void A_client_that_does_not_read_its_events_loses_its_session() => DnsScript.Expect(Good + """
        python3 - <<'END'
        import skadns
        session = skadns.Session()
        answer = "00"
        count = 0
        while answer == "00" and count < 60000:
            answer = session.ask(skadns.query(count, 1, "-", "a.test"))
            count += 1
        print(session.process.wait(20))
        END
        """, "111", "s6-skadnsd: fatal: unable to flush asyncout: No buffer space available");

    [Theory]
    [InlineData("TERM", 0)]
    [InlineData("INT", 0)]
    [InlineData("HUP", 0)]
    public void Signals_end_it_well(string signal, int exitCode) => DnsScript.Expect(Good + $$"""
        python3 - <<'END'
        import signal, skadns
        session = skadns.Session()
        session.ask(skadns.query(1, 1, "-", "slow500.test"))
        session.process.send_signal(signal.SIG{{signal}})
        print(session.process.wait(20))
        END
        """, $"{exitCode}");

    [Fact]
    public void A_stopped_server_goes_on() => DnsScript.Expect(Good + """
        python3 - <<'END'
        import signal, time, skadns
        session = skadns.Session()
        session.ask(skadns.query(1, 1, "-", "slow100.test"))
        session.process.send_signal(signal.SIGSTOP)
        time.sleep(0.5)
        session.process.send_signal(signal.SIGCONT)
        print(skadns.shown(session.events.message()), session.end())
        END
        """, "event 1 0 code 0 answers 1 0a010203 0");

    // Half a command waits for the other half, or is dropped with the session.
    [Fact]
    public void A_command_may_come_in_halves() => DnsScript.Expect(Good + """
        python3 - <<'END'
        import os, select, skadns
        message = skadns.text_message(skadns.query(7, 1, "-", "a.test"))
        session = skadns.Session()
        os.write(session.input, message[:20])
        print(select.select([session.answers.descriptor], [], [], 0.3)[0])
        for place in range(20, len(message)):
            os.write(session.input, message[place:place + 1])
        print(session.answers.message().hex(), skadns.shown(session.events.message()))
        os.write(session.input, message[:20])
        print(session.end())
        END
        """, "[]\n00 event 7 0 code 0 answers 1 0a010203\n0");

    // Equal questions are asked once and end at the same time, which means megabytes of events. This client reads them.
    [Fact]
    public void Many_queries_may_end_at_once() => DnsScript.Expect(Good + """
        python3 - <<'END'
        import os, select, struct, threading
        import skadns
        COUNT = 20000
        session = skadns.Session()
        pending = b"".join(skadns.text_message(skadns.query(number, 1, "-", "slow500.test" if number % 2 else "many.test")) for number in range(COUNT))
        threading.Thread(target=lambda: [os.write(session.input, pending[place:place + 4096]) for place in range(0, len(pending), 4096)]).start()
        threading.Thread(target=lambda: [session.answers.message() for _ in range(COUNT)]).start()
        ids = [struct.unpack(">HB", session.events.message()[:3]) for _ in range(COUNT)]
        print(sorted(ids) == [(number, 0) for number in range(COUNT)])
        session.end()
        END
        """, "True");

    [Fact]
    public void Its_start_can_fail() => DnsScript.Expect("""
        sleep 5 | SKALIBS_CHILD_SPAWN_FDS=0 s6-skadnsd; echo ${PIPESTATUS[1]}
        printf '\0\0\0\x10skadns v9.0 (b)\n' | SKALIBS_CHILD_SPAWN_FDS=2 s6-skadnsd; echo $?
        mkdir /etc/resolv.conf
        s6-skadnsd; echo $?
        """, "111\n111\n111", """
        s6-skadnsd: fatal: unable to sync with client: Protocol error
        s6-skadnsd: fatal: unable to sync with client: Protocol error
        s6-skadnsd: fatal: unable to initialize structures from /etc/resolv.conf: Is a directory
        """);
}
