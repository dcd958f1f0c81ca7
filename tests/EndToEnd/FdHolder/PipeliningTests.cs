using Xunit;

namespace LocalService.Tests.EndToEnd.FdHolder;

/// <summary>Clients that send many requests before they read an answer.</summary>
public sealed class PipeliningTests
{
    [Theory]
    [InlineData(350), InlineData(3000)]
    public void Many_stores_may_be_sent_before_an_answer_is_read(int count) => Script.Expect($$"""
        hold -n 4000
        talk <<'END'
        c = Connection()
        for i in range({{count}}):
            c.send(store(f"n{i % 500}"), [null])
        answers = [c.answer() for i in range({{count}})]
        # The first 500 names are new, then each is held already.
        print(answers[:500].count("00"), answers[500:].count("10"), len(answers))
        print(c.ask(b"L")[:10])
        END
        """, $$"""
        {{(count < 500 ? count : 500)}} {{(count < 500 ? 0 : count - 500)}} {{count}}
        00{{(count < 500 ? count : 500):x8}}
        """);

    [Fact]
    public void Answers_come_in_the_order_of_the_requests_whatever_they_are() => Script.Expect("""
        hold
        talk <<'END'
        c = Connection()
        seen = set()
        for i in range(20):
            for j in range(10):
                c.send(store(f"n{j}"), [null])
                c.send(retrieve(f"n{j}"))
                c.send(b"L")
                c.send(delete(f"n{j}"))
                c.send(delete(f"n{j}"))
            for j in range(10):
                stored, retrieved, listed, deleted, again = [c.answer() for kind in range(5)]
                seen.add((stored, retrieved, listed[:10], deleted, again))
        print(seen)
        for i in range(2):
            c.send(store("x"), [null])
        print(c.answer(), c.answer(), c.ask(retrieve("x")))
        END
        """, """
        {('00', '00 +1', '0000000001', '00', '02')}
        00 10 00 +1
        """);

    [Fact]
    public void A_client_that_never_reads_is_held_up_itself_and_takes_bounded_memory() => Script.Expect("""
        hold
        talk <<'END'
        server = sys.argv[2]
        c = Connection()
        c.socket.setblocking(False)
        request = frame(delete("nothing"))
        sent = 0
        try:
            while sent < 100_000_000:
                sent += c.socket.send(request * 100)
        except BlockingIOError:
            pass
        resident = [int(line.split()[1]) for line in open(f"/proc/{server}/status") if line.startswith("VmRSS")][0]
        print(sent < 5_000_000, resident < 2000)
        other = Connection()
        print(other.ask(store("a"), [null]), other.ask(b"L")[:10])
        END
        """, """
        True True
        00 0000000001
        """);

    [Fact]
    public void The_time_limit_runs_from_the_first_answer_that_waits() => Script.Expect("""
        hold -t 500
        talk <<'END'
        import time
        c = Connection()
        c.socket.setblocking(False)
        request = frame(delete("nothing"))
        begun = time.monotonic()
        closed = False
        while not closed and time.monotonic() < begun + 20:
            try:
                c.socket.send(request)
            except BlockingIOError:
                time.sleep(0.01)
            except (BrokenPipeError, ConnectionResetError):
                closed = True
        print(closed)
        END
        """, "True");

    [Fact]
    public void A_client_that_has_sent_its_last_request_gets_all_answers() => Script.Expect("""
        hold -n 4000
        talk <<'END'
        c = Connection()
        for i in range(2000):
            c.send(store(f"n{i}"), [null])
        c.socket.shutdown(socket.SHUT_WR)
        time.sleep(0.2)
        print([c.answer() for i in range(2000)].count("00"), c.socket.recv(1))
        END
        """, "2000 b''");

    [Fact]
    public void A_request_that_is_none_comes_after_the_answers_before_it() => Script.Expect("""
        hold -n 4000
        talk <<'END'
        c = Connection()
        for i in range(1000):
            c.send(store(f"n{i}"), [null])
        c.send(b"")
        time.sleep(0.2)
        print([c.answer() for i in range(1000)].count("00"), c.socket.recv(1))
        END
        """, "1000 b''");
}
