using Xunit;

namespace LocalService.Tests.EndToEnd.FdHolder;

/// <summary>Requests and answers, byte by byte. The numbers are those of the cases in the specification "fdholder".</summary>
public sealed class HolderProtocolTests
{
    [Fact] // 1 and 2
    public void A_descriptor_is_stored_listed_retrieved_and_deleted() => Script.Expect("""
        hold
        talk <<'END'
        c = Connection()
        print(c.ask(store("a"), [null]), c.ask(store("a"), [null]), c.ask(b"L"))
        print(c.ask(retrieve("a")), c.ask(retrieve("b")), c.ask(delete("b")))
        print(c.ask(delete("a")), c.ask(b"L"))
        END
        """, """
        00 10 00000000016100
        00 +1 02 02
        00 0000000000
        """);

    [Fact]
    public void What_comes_back_is_the_file_that_was_stored() => Script.Expect("""
        hold
        talk <<'END'
        reading, writing = os.pipe()
        Connection().ask(store("pipe"), [writing])
        os.close(writing)
        data, (taken,) = (c := Connection()).send(retrieve("pipe", deletes=True)) or c.receive()
        os.write(taken, b"through the holder")
        os.close(taken)
        print(os.read(reading, 100), os.read(reading, 100), c.ask(retrieve("pipe")))
        END
        """, "b'through the holder' b'' 02");

    [Fact] // 3
    public void A_dump_of_nothing_is_one_message() => Script.Expect("""
        hold
        talk <<'END'
        c = Connection()
        print(c.ask(b"?"), c.ask(b"L"))
        END
        """, "000000000000000000 0000000000");

    [Fact] // 4
    public void Equal_dates_are_made_unique() => Script.Expect("""
        hold
        talk <<'END'
        c = Connection()
        when = date(100, 999999999)
        for text in "abc":
            c.ask(b"S" + when + name(text), [null])
        print(c.ask(b"?"))
        data, descriptors = c.receive()
        dates = [struct.unpack(">QI", moment) for moment, text in entries_of(data)]
        print(len(descriptors), [text for moment, text in entries_of(data)])
        print(dates[0] == struct.unpack(">QI", when), [((label - dates[0][0]) * 10**9 + nano - dates[0][1]) for label, nano in dates])
        END
        """, """
        000000000100000003
        3 [b'a', b'b', b'c']
        True [0, 1, 2]
        """);

    [Fact] // 5
    public void What_is_no_request_closes_the_connection() => Script.Expect("""
        hold
        talk <<'END'
        bad_date = b"S" + struct.pack(">QI", 1 << 62, 10**9) + name("a")
        wrong = [(store("a"), 0), (store("a"), 2), (b"S" + date() + b"\0\0", 1), (b"S" + date() + b"\1ab\0", 1), (bad_date, 1), (store("a") + b"x", 1),
            (b"S" + date() + b"\3a\0b\0", 1), (b"S" + date() + b"\1a", 1), (b"S", 1),
            (b"Z", 0), (b"", 0), (b"", 1), (b"Lx", 0), (b"L", 1), (b"?x", 0), (b"D", 0), (b"D\0\0", 0), (b"D\1a\0\0", 0), (delete("a"), 1), (retrieve("a"), 1),
            (b"R\0\1a", 0), (b"R\0", 0), (b"R", 0), (b"!\0\0\0", 0), (b"!\0\0\0\0\0", 0), (set_dump(1), 1), (dump_part(), 0), (dump_part(entry("a")), 1)]
        for data, count in wrong:
            c = Connection()
            c.send(data, [null] * count)
            if not c.is_closed():
                print("answered:", data, count)
        print(Connection().ask(b"L"))
        END
        """, "0000000000");

    [Fact]
    public void Another_request_within_a_set_dump_closes_the_connection() => Script.Expect("""
        hold
        talk <<'END'
        for data, count in [(b"L", 0), (set_dump(1), 0), (store("a"), 1), (dump_part(entry("a"), entry("b")), 2)]:
            c = Connection()
            print(c.ask(set_dump(1)), c.ask(data, [null] * count))
        print(Connection().ask(b"L"))
        END
        """, """
        0000000001 closed
        0000000001 closed
        0000000001 closed
        0000000001 closed
        0000000000
        """);

    [Fact] // 8, and decision 17
    public void A_request_in_pieces_is_answered() => Script.Expect("""
        hold
        talk <<'END'
        c = Connection()
        requests = frame(b"L") + frame(delete("a")) + frame(b"?")
        for i in range(len(requests)):
            c.write(requests[i:i + 1])
        print(c.answer(), c.answer(), c.answer())
        c.write(requests)
        print(c.answer(), c.answer(), c.answer())
        # The descriptor comes with the first byte, the rest later.
        whole = frame(store("a"), 1)
        c.write(whole[:1], [null])
        for i in range(1, len(whole)):
            c.write(whole[i:i + 1])
        print(c.answer(), c.ask(b"L"))
        END
        """, """
        0000000000 02 000000000000000000
        0000000000 02 000000000000000000
        00 00000000016100
        """);

    [Fact] // 14, but a replaced entry is not counted twice
    public void The_limit_holds() => Script.Expect("""
        hold -n 2
        talk <<'END'
        c = Connection()
        print(c.ask(store("a"), [null]), c.ask(store("b"), [null]), c.ask(store("c"), [null]), c.ask(store("a"), [null]))
        print(c.ask(set_dump(3)), c.ask(set_dump(0)))
        # New names do not fit; those that are held do, more than once too.
        print(c.ask(set_dump(2)), c.ask(dump_part(entry("x"), entry("y")), [null, null]))
        print(c.ask(set_dump(2)), c.ask(dump_part(entry("a"), entry("y")), [null, null]))
        print(c.ask(set_dump(2)), c.ask(dump_part(entry("b"), entry("a")), [null, null]))
        print(c.ask(delete("a")), c.ask(set_dump(2)), c.ask(dump_part(entry("y"), entry("y")), [null, null]), c.ask(b"L"))
        END
        """, """
        00 00 17 17
        17 0000000000
        0000000001 17
        0000000001 17
        0000000001 00
        00 0000000001 00 000000000279006200
        """);

    [Fact]
    public void A_part_of_a_dump_that_does_not_fit_changes_nothing() => Script.Expect("""
        hold -n 2
        talk <<'END'
        reading, writing = os.pipe()
        c = Connection()
        c.ask(store("a"), [writing])
        os.close(writing)
        print(c.ask(set_dump(2)), c.ask(dump_part(entry("a"), entry("b")), [null, null]))
        # The replaced pipe was closed.
        print(os.read(reading, 1))
        reading, writing = os.pipe()
        c.ask(delete("a"))
        c.ask(store("a"), [writing])
        os.close(writing)
        os.set_blocking(reading, False)
        print(c.ask(set_dump(2)), c.ask(dump_part(entry("a"), entry("c")), [null, null]))
        try:
            print(os.read(reading, 1))
        except BlockingIOError:
            print("still open")
        END
        """, """
        0000000001 00
        b''
        0000000001 17
        still open
        """);

    [Fact] // 23
    public void A_dump_is_set_in_parts() => Script.Expect("""
        hold
        talk <<'END'
        c = Connection()
        print(c.ask(set_dump(2)), c.ask(dump_part(entry("a")), [null]), c.ask(dump_part(entry("b")), [null]), c.ask(b"L"))
        print(c.ask(set_dump(2)), c.ask(dump_part()), c.ask(dump_part(entry("a"), entry("b")), [null, null]))
        END
        """, """
        0000000001 0b 00 000000000261006200
        0000000001 0b 00
        """);

    [Fact]
    public void A_dump_set_twice_is_there_once() => Script.Expect("""
        hold
        talk <<'END'
        c = Connection()
        same = [entry(f"n{i}", 1000) for i in range(200)]
        before = 0
        for round in range(3):
            print(c.ask(set_dump(200)), c.ask(dump_part(*same), [null] * 200), c.ask(b"?"))
            data, descriptors = c.receive()
            for descriptor in descriptors:
                os.close(descriptor)
            dates = [moment for moment, text in entries_of(data)]
            print(len(set(dates)), len({text for moment, text in entries_of(data)}), descriptors_of(sys.argv[2]) == before)
            before = descriptors_of(sys.argv[2])
        END
        """, """
        0000000001 00 0000000001000000c8
        200 200 False
        0000000001 00 0000000001000000c8
        200 200 True
        0000000001 00 0000000001000000c8
        200 200 True
        """);

    [Fact] // 13
    public void Many_entries_with_one_date_expire_together() => Script.Expect("""
        hold
        talk <<'END'
        c = Connection()
        soon = date(3)
        c.ask(set_dump(30))
        c.ask(dump_part(*[soon + name(f"n{i}") for i in range(30)]), [null] * 30)
        for i in range(15):
            assert c.ask(delete(f"n{i * 2}")) == "00"
            assert c.ask(b"S" + date() + name(f"late{i}"), [null]) == "00"
        print(c.ask(b"L")[:10])
        until(lambda: c.ask(b"L").startswith("000000000f"))
        print(all(c.ask(retrieve(f"late{i}")) == "00 +1" for i in range(15)))
        END
        """, """
        000000001e
        True
        """);

    [Fact] // 19
    public void What_has_expired_is_gone() => Script.Expect("""
        hold
        talk <<'END'
        c = Connection()
        c.ask(b"L")
        without = descriptors_of(sys.argv[2])
        print(c.ask(store("past", -10), [null]), c.ask(retrieve("past")), c.ask(b"L"))
        now = time.time() + 0.3
        c.ask(b"S" + struct.pack(">QI", (1 << 62) + 37 + int(now), int(now % 1 * 10**9)) + name("soon"), [null])
        # Nobody asks: it is closed all the same.
        until(lambda: descriptors_of(sys.argv[2]) == without)
        print(time.time() >= now, c.ask(b"L"))
        END
        """, """
        00 02 0000000000
        True 0000000000
        """);

    [Theory] // 27
    [InlineData(253, "1")]
    [InlineData(254, "2")]
    [InlineData(600, "3")]
    public void A_large_dump_goes_in_messages_of_253(int count, string messages) => Script.Expect($"""
        hold
        talk <<'END'
        c = Connection()
        total = {count}
        chunks = int(c.ask(set_dump(total)), 16)
        for first in range(0, total, 253):
            last = min(total, first + 253)
            print(c.ask(dump_part(*[entry(f"n{"{i}"}") for i in range(first, last)]), [null] * (last - first)), end=" ")
        answer = bytes.fromhex(c.ask(b"?"))
        print(chunks, struct.unpack(">II", answer[1:]))
        names = set()
        for i in range(chunks):
            data, descriptors = c.receive()
            assert len(descriptors) == min(253, total - 253 * i) == len(entries_of(data))
            names |= {"{text for moment, text in entries_of(data)}"}
            for descriptor in descriptors:
                os.close(descriptor)
        print(len(names), c.ask(b"?")[:2])
        END
        """, $"""
        {(count <= 253 ? "00" : count <= 506 ? "0b 00" : "0b 0b 00")} {messages} ({messages}, {count})
        {count} 00
        """);

    [Fact] // 12 and 24
    public void Names_may_be_long_and_hold_any_byte() => Script.Expect("""
        hold
        talk <<'END'
        c = Connection()
        odd = bytes(range(1, 256))
        print(c.ask(store(odd), [null]), c.ask(b"L") == "0000000001" + odd.hex() + "00", c.ask(b"?"))
        data, descriptors = c.receive()
        print(entries_of(data)[0][1] == odd, len(descriptors), c.ask(retrieve(odd, deletes=True)))
        END
        """, """
        00 True 000000000100000001
        True 1 00 +1
        """);
}
