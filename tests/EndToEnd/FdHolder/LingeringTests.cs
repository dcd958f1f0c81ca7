using Xunit;

namespace LocalService.Tests.EndToEnd.FdHolder;

/// <summary>
/// A process that closes the last copy of a socket waits as long as its sender has chosen (SO_LINGER). For a file in user space it waits until that
/// answers. A holder never waits, whoever the client is and whatever happens to its message.
/// </summary>
public sealed class LingeringTests
{
    /// <summary>The shared part of the clients: they send each kind of such a socket, and close their own copy first.</summary>
    private const string Attack = """
        from lingering import lingering, nested, let_go
        server = sys.argv[2]

        def attack(data, count=1):
            descriptors = [kind() for kind in (lingering, nested) for i in range(count)]
            c = Connection()
            c.write(data, descriptors)
            let_go(*descriptors)
            return c
        """;

    [Theory]
    [InlineData("")]
    [InlineData("grant uid/1001 LIST=1")]
    [InlineData("grant uid/1001 STORE_REGEX=.")]
    [InlineData("grant_all uid/1001")]
    public void A_message_that_is_refused(string rights) => Script.Expect($"""
        grant_all uid/0
        {rights}
        hold -v 0 -t 100
        talk <<'END'
        {Attack}
        other = Connection()
        other.ask(b"L")
        before = descriptors_of(server)
        if os.fork() == 0:
            os.setgroups([])
            os.setresgid(1001, 1001, 1001)
            os.setresuid(1001, 1001, 1001)
            # Without a rule; half a message; descriptors that a request doesn't have; more than its connection has read.
            for data in [frame(store("x"), 2)[:3], frame(b"L", 2), frame(store("x"), 2), frame(b"L") * 20 + frame(b"Z") + frame(b"L", 2)]:
                attack(data).close()
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.wait()[1]), other.ask(b"L"))
        until(lambda: descriptors_of(server) == before)
        # Who is still connected when the signal comes shows in the exit code.
        other.close()
        until(lambda: descriptors_of(server) == before - 1)
        END
        kill $server
        wait $server
        echo $?
        """, """
        0 0000000000
        0
        """);

    [Fact]
    public void What_was_held() => Script.Expect($"""
        hold
        talk <<'END'
        {Attack}
        other = Connection()
        other.ask(b"L")
        before = descriptors_of(server)
        for kind in lingering, nested:
            c = Connection()
            for text, seconds in [("a", None), ("b", None), ("c", 1), ("d", None)]:
                number = kind()
                print(c.ask(store(text, seconds), [number]), end=" ")
                let_go(number)
            print(c.ask(delete("a")), c.ask(set_dump(1)), c.ask(dump_part(entry("b")), [null]), c.ask(delete("b")))
            c.send(retrieve("d", deletes=True))
            let_go(*c.receive()[1])
            until(lambda: other.ask(b"L") == "0000000000")
            c.close()
        until(lambda: descriptors_of(server) == before)
        # Who is still connected when the signal comes shows in the exit code.
        other.close()
        until(lambda: descriptors_of(server) == before - 1)
        END
        kill $server
        wait $server
        echo $?
        """, """
        00 00 00 00 00 0000000001 00 00
        00 00 00 00 00 0000000001 00 00
        0
        """);

    [Fact]
    public void Deleting_is_closing() => Script.Expect("""
        hold
        talk <<'END'
        c = Connection()
        for i in range(300):
            listener = socket.socket()
            listener.bind(("127.0.0.1", 0 if i == 0 else address[1]))
            listener.listen()
            address = listener.getsockname()
            c.ask(store("a"), [listener.fileno()])
            listener.close()
            assert c.ask(delete("a")) == "00"
        print(i)
        END
        """, "299");
}
