using Xunit;

namespace LocalService.Tests.EndToEnd.FdHolder;

/// <summary>Clients of holders whose answers are wrong or unusual.</summary>
public sealed class ClientFaultTests
{
    // check COMMAND, ANSWERS: lets a client talk to a holder that sends these answers, each as bytes and the number of descriptors with them, one
    // after each request (further ones after the last). Prints the client's exit code and its output without its name.
    private const string Holder = """
        unixmessage.py sk <<'END'
        import shlex, subprocess
        listener = socket.socket(socket.AF_UNIX)
        listener.bind("sk")
        listener.listen()

        def check(command, *answers, pieces=False, requests=1):
            words = shlex.split(command)
            client = subprocess.Popen(["s6-fdholder-" + words[0], *words[1:]], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            connection = Connection.__new__(Connection)
            connection.socket, _ = listener.accept()
            connection.socket.settimeout(LIMIT)
            for i, (answer, count) in enumerate(answers):
                if i < requests:
                    connection.receive()
                if pieces:
                    for j in range(len(answer)):
                        connection.write(answer[j:j + 1], [null] * count if j == 0 else [])
                        time.sleep(0.001)
                else:
                    connection.write(answer, [null] * count)
            connection.close()
            output = client.communicate(timeout=LIMIT)[0].strip()
            print(client.returncode, output.removeprefix(f"s6-fdholder-{words[0]}: fatal: "))

        def answer(data, count=0, announced=None):
            return frame(data, count if announced is None else announced), count

        def dump(messages, total):
            return answer(b"\0" + struct.pack(">II", messages, total))

        nothing = (b"", 0)

        """;

    [Fact]
    public void Answers_that_are_none() => Script.Expect(Holder + """
        check("store sk a", nothing)
        check("store sk a", (b"\0\0\0\1", 0))
        check("store sk a", answer(b""))
        check("store sk a", answer(b"\0\0"))
        check("store sk a", answer(b"\1\1"))
        check("store sk a", answer(b"\0", 1))
        check("store sk a", answer(b"\1"))
        check("store sk a", (frame(b"\0", 255), 0))
        check("store sk a", (b"\x10\0\0\1\0\0", 0))
        check("delete sk a", answer(b"\2"))
        check("retrieve sk a true", answer(b"\0"))
        check("retrieve sk a true", answer(b"\0", 2))
        check("retrieve sk a true", answer(b"\2", 1))
        check("retrieve sk a true", answer(b"\0", 1, 0))
        check("retrieve sk a true", answer(b"\0", 0, 1))
        check("list sk", answer(b"\0\0\0\0"))
        check("list sk", answer(b"\0\0\0\0\1a"))
        check("list sk", answer(b"\0\0\0\0\1a\0b\0"))
        check("list sk", answer(b"\0\0\0\0\2a\0"))
        check("list sk", answer(b"\0\0\0\0\1a\0", 1))
        END
        """, """
        1 unable to store fd: Broken pipe
        1 unable to store fd: Broken pipe
        1 unable to store fd: Protocol error
        1 unable to store fd: Protocol error
        1 unable to store fd: Protocol error
        1 unable to store fd: Protocol error
        1 unable to store fd: Operation not permitted
        1 unable to store fd: Protocol error
        1 unable to store fd: Protocol error
        1 unable to delete fd for id a: No such file or directory
        1 unable to retrieve fd for id a: Protocol error
        1 unable to retrieve fd for id a: Protocol error
        1 unable to retrieve fd for id a: Protocol error
        1 unable to retrieve fd for id a: Protocol error
        1 unable to retrieve fd for id a: Protocol error
        1 unable to get fd list: Protocol error
        1 unable to get fd list: Protocol error
        1 unable to get fd list: Protocol error
        1 unable to get fd list: Protocol error
        1 unable to get fd list: Protocol error
        """);

    [Fact]
    public void Dumps_that_are_none() => Script.Expect(Holder + """
        a, b = entry("a"), entry("b")
        get = "getdump sk true"
        check(get, answer(b"\0\0\0\0\1"))
        check(get, dump(1, 0))
        check(get, dump(0, 1))
        check(get, dump(2, 1))
        check(get, dump(1, 256))
        check(get, answer(b"\0" + struct.pack(">II", 1, 1), 1), answer(a, 1))
        check(get, dump(1, 1), answer(b""))
        check(get, dump(1, 1), answer(a))
        check(get, dump(1, 1), answer(a + b, 2))
        check(get, dump(1, 2), answer(a, 1))
        check(get, dump(1, 2), answer(a + b[:-1], 2))
        check(get, dump(1, 1), answer(a + b"x", 1))
        check(get, dump(1, 1), answer(a[:12] + b"\0\0", 1))
        check(get, dump(2, 2), answer(a, 1), nothing)
        check(get, dump(1, 1), (frame(a, 255), 0))
        check(get, dump(3, 5), answer(a, 1), answer(b, 1), answer(a, 1))
        END
        """, string.Join('\n', System.Linq.Enumerable.Repeat("1 unable to get dump: Protocol error", 13)) + """

        1 unable to get dump: Broken pipe
        1 unable to get dump: Protocol error
        1 unable to get dump: Protocol error
        """);

    [Fact]
    public void Dumps_may_be_split_in_any_way() => Script.Expect(Holder + """
        entries = [entry(str(i)) for i in range(255)]
        get = "getdump sk sh -c 'echo $S6_FDID_0 $S6_FDID_2 $S6_FDID_254'"
        check(get, dump(3, 3), *(answer(e, 1) for e in entries[:3]))
        check(get, dump(1, 3), answer(b"".join(entries[:3]), 3), pieces=True)
        check(get, dump(2, 255), answer(b"".join(entries[:2]), 2), answer(b"".join(entries[2:]), 253))
        END
        """, """
        0 0 2
        0 0 2
        0 0 2 254
        """);

    [Fact]
    public void Answers_to_a_dump_that_make_no_sense() => Script.Expect("export S6_FD_0=0 S6_FDID_0=a\n" + Holder + """
        os.environ["S6_FD#"] = "1"
        set = "setdump sk"
        more = answer(b"\x0b")
        check(set, answer(b"\1"))
        check(set, answer(b"\0"))
        check(set, answer(b"\0\0\0\0\0"))
        check(set, answer(b"\0\0\0\0\2"))
        check(set, answer(b"\0\0\0\0\1"), more, requests=2)
        check(set, answer(b"\0\0\0\0\1"), answer(b"\x17"), requests=2)
        check(set, answer(b"\0\0\0\0\1"), nothing, requests=2)
        check(set, answer(b"\0\0\0\0\1"), answer(b"\0"), requests=2)
        for i in range(300):
            os.environ[f"S6_FD_{i}"] = "0"
            os.environ[f"S6_FDID_{i}"] = str(i)
        os.environ["S6_FD#"] = "300"
        check(set, answer(b"\0\0\0\0\2"), answer(b"\0"), requests=2)
        check(set, answer(b"\0\0\0\0\2"), more, answer(b"\x17"), requests=3)
        check(set, answer(b"\0\0\0\0\2"), more, answer(b"\0"), requests=3)
        END
        """, """
        1 unable to set dump: Operation not permitted
        1 unable to set dump: Protocol error
        1 unable to set dump: Protocol error
        1 unable to set dump: Protocol error
        1 unable to set dump: Protocol error
        1 unable to set dump: Too many open files in system
        1 unable to set dump: Broken pipe
        0<SPACE>
        1 unable to set dump: Protocol error
        1 unable to set dump: Too many open files in system
        0<SPACE>
        """);

    [Fact]
    public void Too_few_descriptor_numbers_for_a_dump() => Script.Expect("""
        hold
        for i in {0..9}; do s6-fdholder-store sk $i; done
        (ulimit -n 8; s6-fdholder-getdump -t 2000 sk true)
        (ulimit -n 4; s6-fdholder-retrieve -t 2000 sk 1 true)
        """, "", """
        s6-fdholder-getdump: fatal: unable to get dump: No buffer space available
        s6-fdholder-retrieve: fatal: unable to retrieve fd for id 1: No buffer space available
        """);
}
