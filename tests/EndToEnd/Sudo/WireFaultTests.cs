using Xunit;

namespace LocalService.Tests.EndToEnd.Sudo;

/// <summary>Clients of sudod, and servers of sudoc, that break off, lie or send nonsense. Nothing runs for them and nothing stays behind.</summary>
public sealed class WireFaultTests
{
    /// <summary>The state that must be the same before and after: the server's descriptors, no child, and a working service.</summary>
    private const string Unharmed =
        """
        until(lambda: not children(server))
        print("children", len(children(server)), "descriptors", descriptors(server) - before, "then", ask([b"echo works"]).hex())
        """;

    [Fact]
    public void A_client_that_goes_away_at_any_byte() => SudoScript.Expect(
        "sock s6-sudod sh -c",
        $"""
        whole = message([b"echo ran >>ran; echo works"], [b"A=1"])
        before = descriptors(server)
        for count in range(len(whole)):
            for end in "close", "shutdown":
                read, write = os.pipe()
                connection = connect("sock")
                if count:
                    send(connection, whole[:count], (NULL, write, 2))
                os.close(write)
                if end == "shutdown":
                    connection.shutdown(socket.SHUT_WR)
                    assert receive(connection, 1) == b""
                connection.close()
                # The end of the pipe: nobody holds what was lent.
                assert os.read(read, 10) == b""
                os.close(read)
        print(len(whole), os.path.exists("ran"))
        {Unharmed}
        """,
        """
        68 False
        works
        children 0 descriptors 0 then 0000000000
        """,
        "136 s6-sudod: fatal: unable to read message from client: Success");

    [Fact]
    public void A_server_that_goes_away_at_any_byte() => Script.Expect(
        """
        banner=$(printf 's6-sudo b v1.0\n' | od -An -v -tx1 | tr -d ' \n')
        {
            for ((count = 0; count <= 15; count++)); do
                sudowire c send="${banner:0:2 * count}" -- s6-sudoc -e
            done
            for answer in '' 00 0000 000000 00000000; do
                sudowire c send="B|$answer" -- s6-sudoc -e
            done
        } 2>&1 | grep -v message | sed 's/ - check.*//' | sort | uniq -c | sed 's/^ *//'
        """,
        """
        21 exit 111
        1 s6-sudoc: fatal: unable to connect to the s6-sudod server
        2 s6-sudoc: fatal: unable to get confirmation from server: Success
        4 s6-sudoc: fatal: unable to get exit status from server: Success
        14 s6-sudoc: fatal: unable to read banner from s6-sudod: Success
        """);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(252)]
    [InlineData(253)]
    public void Another_number_of_descriptors_than_three(int count) =>
        ExpectRefusal(count, count, "1 s6-sudod: fatal: client did not send 3 fds");

    [Theory]
    [InlineData(3, 0)]
    [InlineData(3, 2)]
    [InlineData(3, 4)]
    [InlineData(3, 253)]
    [InlineData(0, 3)]
    [InlineData(254, 3)]
    [InlineData(255, 253)]
    [InlineData(65535, 253)]
    public void Other_descriptors_than_announced(int announced, int sent) =>
        ExpectRefusal(announced, sent, "1 s6-sudod: fatal: unable to read message from client: Protocol error");

    [Fact]
    public void Damaged_messages_are_answered_or_refused() => SudoScript.Expect(
        "-c 200 sock s6-sudod true",
        $"""
        dice = random.Random(20261122)
        before = descriptors(server)
        answers = dict()
        for number in range(400):
            whole = bytearray(message([b"x", b"y z"], [b"A=1", b"B=two"]))
            for _ in range(dice.randint(1, 3)):
                place = dice.choice((dice.randrange(6), dice.randrange(len(whole)), dice.randrange(21, 37)))
                whole[place] = dice.choice((0, 1, 0xFF, whole[place] ^ 1 << dice.randrange(8), dice.randrange(256)))
            if dice.random() < 0.2:
                whole = whole[:dice.randrange(1, len(whole))]
            read, write = os.pipe()
            connection = connect("sock")
            try:
                send(connection, bytes(whole), (NULL, write, 2)[:dice.choice((0, 1, 2, 3, 3, 3, 3, 3, 3, 3, 3, 3))])
                connection.shutdown(socket.SHUT_WR)
            except BrokenPipeError:
                pass
            os.close(write)
            answer = receive(connection, 100)
            assert answer in (b"", b"\x16", b"\0\0\0\0\0"), answer
            answers[answer] = answers.get(answer, 0) + 1
            connection.close()
            assert os.read(read, 10) == b""
            os.close(read)
        print(sorted(answer.hex() for answer in answers))
        until(lambda: not children(server))
        print("children", len(children(server)), "descriptors", descriptors(server) - before, "then", ask().hex())
        open("log", "w").close()
        """,
        """
        ['', '0000000000', '16']
        children 0 descriptors 0 then 0000000000
        """);

    [Fact]
    public void A_client_that_sends_too_slowly() => SudoScript.Expect(
        "sock s6-sudod -t 300 true",
        """
        connection = connect("sock")
        try:
            for byte in message():
                connection.sendall(bytes((byte,)))
                time.sleep(0.05)
            print("took it all")
        except BrokenPipeError:
            print("gave up")
        """,
        "gave up",
        "1 s6-sudod: fatal: unable to read message from client: Connection timed out");

    [Fact]
    public void A_log_that_nobody_reads_is_no_end_by_a_signal() => Script.Expect(
        """
        cat >log.py <<'END'
        import os, sys
        read, write = os.pipe()
        os.close(read)
        os.dup2(write, 2)
        os.execvp("sigrun", ["sigrun", "", "", "s6-sudod", "true"])
        END
        sudowire d fds=0 -- python3 log.py
        """,
        """
        answer<SPACE><SPACE>
        exit 100
        """);

    [Fact]
    public void A_client_that_is_gone_before_the_banner_is_no_end_by_a_signal() => Script.Expect(
        """
        cat >gone.py <<'END'
        import os, socket, subprocess
        ours, theirs = socket.socketpair()
        ours.close()
        print(subprocess.run(["sigrun", "", "", "s6-sudod", "true"], stdin=theirs, stdout=theirs).returncode)
        END
        python3 gone.py
        """,
        "111",
        "s6-sudod: fatal: unable to write banner to client: Broken pipe");

    /// <summary>A message with descriptors gets no answer, nothing runs, the descriptors are closed, and the server goes on.</summary>
    private static void ExpectRefusal(int announced, int sent, string log) => SudoScript.Expect(
        "sock s6-sudod sh -c",
        $"""
        before = descriptors(server)
        text = data([b"echo ran"])
        read, write = os.pipe()
        connection = connect("sock")
        send(connection, header(len(text), {announced}) + text, [write] * {sent})
        os.close(write)
        print(receive(connection, 1), os.read(read, 10))
        {Unharmed}
        """,
        """
        b'' b''
        works
        children 0 descriptors 0 then 0000000000
        """,
        log);
}
