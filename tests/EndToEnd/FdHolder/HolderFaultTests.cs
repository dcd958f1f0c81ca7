using Xunit;

namespace LocalService.Tests.EndToEnd.FdHolder;

/// <summary>Faulty clients and exceeded limits: an error on that connection alone, every descriptor closed, no effect on others.</summary>
public sealed class HolderFaultTests
{
    [Fact]
    public void A_client_may_go_at_every_byte() => Script.Expect("""
        hold
        talk <<'END'
        server = sys.argv[2]
        other = Connection()
        other.ask(store("there"), [null])
        before = descriptors_of(server)
        requests = [(store("a"), 1), (delete("none"), 0), (retrieve("there"), 0), (b"L", 0), (b"?", 0), (set_dump(2), 0)]
        parts = [(dump_part(entry("x"), entry("y")), 2), (dump_part(entry("x")), 1)]
        rounds = 0
        for prologue, data, count in [((), *request) for request in requests] + [((set_dump(2),), *part) for part in parts]:
            whole = frame(data, count)
            for length in range(1, len(whole) + 1):
                # With all its descriptors, and with none of them.
                for attached in {0, count}:
                    if length == len(whole) and attached == count and count > 0:
                        continue
                    c = Connection()
                    for first in prologue:
                        c.ask(first)
                    c.write(whole[:length], [null] * attached)
                    c.close()
                    rounds += 1
            assert other.ask(b"L") == "00000000017468657265" + "00", data
        until(lambda: descriptors_of(server) == before)
        print(rounds > 150)
        END
        """, "True");

    [Fact]
    public void A_client_may_go_at_every_byte_of_an_answer() => Script.Expect("""
        hold -c 2
        talk <<'END'
        server = sys.argv[2]
        other = Connection()
        for i in range(4):
            other.ask(set_dump(250))
            other.ask(dump_part(*[entry(b"%0255d" % (i * 250 + j)) for j in range(250)]), [null] * 250)
        before = descriptors_of(server)
        for request in [b"L", b"?", retrieve(b"%0255d" % 7)]:
            for length in list(range(1, 16)) + [2047, 2048, 65536, 66000, 100000]:
                c = Connection()
                c.send(request)
                left = length
                while left > 0 and not (request[:1] == b"R" and left < length - 6):
                    left -= len(c.socket.recv(left))
                c.close()
        until(lambda: descriptors_of(server) == before)
        print(other.ask(b"L")[:10])
        END
        """, "00000003e8");

    [Theory]
    [InlineData(0, "closed")]
    [InlineData(1, "00")]
    [InlineData(2, "closed")]
    [InlineData(253, "closed")]
    public void A_store_takes_one_descriptor(int count, string answer) => Script.Expect($"""
        hold
        talk <<'END'
        server = sys.argv[2]
        other = Connection()
        other.ask(b"L")
        before = descriptors_of(server)
        c = Connection()
        # As announced, one less than announced, one more, and with the descriptors at a byte in the middle.
        print(c.ask(store("a"), [null] * {count}))
        for announced in [{count} + 1, max({count} - 1, 0), 254, 255, 65535]:
            if announced != {count}:
                c = Connection()
                c.write(frame(store("b"), announced), [null] * {count})
                c.socket.shutdown(socket.SHUT_WR)
                answers = c.answer()
                assert answers == ("00" if announced == 1 and {count} == 1 else "closed"), (announced, answers)
        other.ask(delete("a"))
        c.close()
        until(lambda: descriptors_of(server) == before)
        print(other.ask(b"L"))
        END
        """, $"{answer}\n0000000000");

    [Fact]
    public void The_kernel_passes_no_more_than_253() => Script.Expect("""
        hold
        talk <<'END'
        c = Connection()
        print(c.ask(set_dump(253)), c.ask(dump_part(*[entry(f"{i}") for i in range(253)]), [null] * 253))
        try:
            c.send(dump_part(*[entry(f"{i}") for i in range(254)]), [null] * 254)
        except OSError as error:
            print(error.strerror)
        END
        """, """
        0000000001 00
        Invalid argument
        """);

    [Fact]
    public void Descriptors_of_every_kind_are_held() => Script.Expect("""
        hold
        talk <<'END'
        import select
        c = Connection()
        left, right = socket.socketpair()
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listening.bind("listening")
        listening.listen()
        kinds = {"file": os.open("r", os.O_PATH), "directory": os.open(".", os.O_RDONLY), "pipe": os.pipe()[0], "socket": left.fileno(),
            "listener": listening.fileno(), "epoll": select.epoll().fileno(), "holder": c.socket.fileno(), "memory": os.memfd_create("m")}
        print(*[c.ask(store(text), [kind]) for text, kind in kinds.items()], *[c.ask(retrieve(text)) for text in kinds])
        END
        """, "00 00 00 00 00 00 00 00 00 +1 00 +1 00 +1 00 +1 00 +1 00 +1 00 +1 00 +1");

    [Fact]
    public void A_peer_that_never_reads_holds_nobody_up() => Script.Expect("""
        hold
        talk <<'END'
        server = sys.argv[2]
        c = Connection()
        for i in range(3):
            c.ask(set_dump(250))
            c.ask(dump_part(*[entry(b"%0255d" % (i * 250 + j)) for j in range(250)]), [null] * 250)
        stuck = [Connection() for i in range(6)]
        for i, s in enumerate(stuck):
            for j in range(30):
                s.send(b"?" if i % 2 else b"L")
            s.write(frame(store(f"half{i}"), 1)[:10], [null])
            if i == 1:
                promised = s.answer()
        print(c.ask(store("a"), [null]), c.ask(retrieve("a")), c.ask(delete("a")))
        # What they were promised stays open for them, and nobody else sees it.
        for i in range(750):
            assert c.ask(delete(b"%0255d" % i)) == "00"
        print(c.ask(b"L"), c.ask(store(b"%0255d" % 7), [null]), c.ask(retrieve(b"%0255d" % 7)))
        print(promised, len(stuck[1].receive()[1]), len(stuck[1].receive()[1]), len(stuck[1].receive()[1]))
        for s in stuck:
            s.close()
        until(lambda: descriptors_of(server) < 20)
        END
        """, """
        00 00 +1 00
        0000000000 00 00 +1
        0000000003000002ee 253 253 244
        """);

    [Fact]
    public void A_client_that_dies_before_it_has_its_descriptor_leaves_it_there() => Script.Expect("""
        hold
        talk <<'END'
        c = Connection()
        c.ask(store("socket"), [null])
        before = descriptors_of(sys.argv[2])
        dead = Connection()
        dead.socket.shutdown(socket.SHUT_RD)
        dead.send(retrieve("socket", deletes=True))
        print(dead.is_closed())
        until(lambda: descriptors_of(sys.argv[2]) == before)
        print(c.ask(b"L"), c.ask(retrieve("socket", deletes=True)), c.ask(b"L"))
        END
        """, """
        True
        0000000001736f636b657400 00 +1 0000000000
        """);

    [Fact]
    public void Ten_thousand_descriptors_are_held() => Script.Expect("""
        ulimit -n 12000
        hold -n 10000
        talk <<'END'
        server = sys.argv[2]
        c = Connection()
        total = 10000
        def put():
            print(int(c.ask(set_dump(total))[2:], 16))
            for first in range(0, total, 253):
                last = min(total, first + 253)
                status = c.ask(dump_part(*[entry(f"name {i}", 1000) for i in range(first, last)]), [null] * (last - first))
                assert status == ("0b" if last < total else "00"), status
        put()
        print(c.ask(store("more"), [null]), c.ask(retrieve("name 9999")), c.ask(set_dump(total + 1)))
        before = descriptors_of(server)
        put()
        print(descriptors_of(server) == before, struct.unpack(">II", bytes.fromhex(c.ask(b"?"))[1:]))
        dates = set()
        for i in range(40):
            data, descriptors = c.receive()
            dates |= {moment for moment, text in entries_of(data)}
            for descriptor in descriptors:
                os.close(descriptor)
        print(len(dates), len(c.ask(b"L")) // 2)
        assert all(c.ask(delete(f"name {i}")) == "00" for i in range(total))
        print(descriptors_of(server) < 20, c.ask(b"L"))
        END
        """, """
        40
        17 00 +1 17
        40
        True (40, 10000)
        10000 98895
        True 0000000000
        """);

    [Fact]
    public void At_the_limit_on_descriptors_clients_are_served_all_the_same() => Script.Expect("""
        ulimit -n 40
        hold -n 1000
        talk <<'END'
        server = sys.argv[2]
        c = Connection()
        stored = 0
        while (status := c.ask(store(f"n{stored}"), [null])) == "00":
            stored += 1
        print(status, stored >= 28)
        # Another one comes in, and may do everything but store.
        other = Connection()
        print(other.ask(retrieve("n1")), other.ask(store("x"), [null]), other.ask(delete("n0")), other.ask(store("x"), [null]))
        # A message with more descriptors than there are numbers costs its own connection.
        print(other.ask(set_dump(30)), other.ask(dump_part(*[entry(f"y{i}") for i in range(30)]), [null] * 30))
        print(c.ask(retrieve("x")), c.ask(delete("n0")))
        # More clients than there are numbers: they wait, and are served when others have gone.
        clients = [Connection() for i in range(15)]
        for client in clients:
            client.send(retrieve("n1"))
        for client in clients:
            print(client.answer(), end=" ")
            client.close()
        print(c.ask(b"?")[:10])
        END
        """, """
        17 True
        00 +1 17 00 00
        0000000001 closed
        00 +1 02
        00 +1 00 +1 00 +1 00 +1 00 +1 00 +1 00 +1 00 +1 00 +1 00 +1 00 +1 00 +1 00 +1 00 +1 00 +1 0000000001
        """, "s6-fdholderd: warning: unable to accept: Too many open files");

    [Fact]
    public void Descriptors_of_half_a_message_do_not_keep_others_out() => Script.Expect("""
        ulimit -n 60
        grant_all uid/0
        grant uid/1001 LIST=
        hold -n 20 -v 0
        talk <<'END'
        server = sys.argv[2]
        c = Connection()
        hogs = []
        for i in range(4):
            hogs.append(Connection())
            hogs[-1].write(frame(set_dump(1))[:6] if i < 2 else frame(dump_part(entry("x")), 30)[:1], [null] * 30 if i >= 2 else [])
        print(c.ask(store("a"), [null]), Connection().ask(retrieve("a")))
        END
        setpriv --reuid 1001 --regid 1001 --clear-groups "$(command -v python3)" "$(command -v unixmessage.py)" sk "$server" <<'END'
        # Who may not store a dump has no use for many.
        c = Connection()
        c.write(b"\0", [null] * 2)
        print(c.answer())
        END
        """, """
        00 00 +1
        closed
        """);
}
