using System.Linq;
using Xunit;

namespace LocalService.Tests.EndToEnd.Client;

/// <summary>ioconnect: data of all sizes between ends of all kinds arrives whole, whichever side stops first.</summary>
public sealed class CopyTests
{
    [Theory]
    [InlineData("pipe", "pipe_out", 100)]
    [InlineData("socket_pair", "socket_pair", 30)]
    [InlineData("pipe", "socket_pair", 30)]
    [InlineData("socket_pair", "pipe_out", 30)]
    [InlineData("terminal", "terminal", 1)]
    public void Both_ways_at_once_over_a_connection(string source, string sink, int megabytes) => CopyScript.Expect(
        $$"""
        size = {{megabytes}} * MEGABYTE
        to_source, source = {{source}}()
        from_sink, sink = {{sink}}()
        # A terminal that we hang up would lose what its reader hasn't read yet.
        is_terminal = "{{source}}" == "terminal"
        process, peer = over_socket(source, sink)
        there = Receiver(peer.fileno()), Sender(to_source, size, finish=(lambda descriptor: None) if is_terminal else half_close)
        back = Receiver(from_sink), Sender(peer.fileno(), size + 12345)
        if is_terminal:
            while there[0].size < size:
                time.sleep(0.01)
            os.close(to_source)
        print(same(there[1], there[0]), same(back[1], back[0]))
        finish(process)
        """,
        """
        True True
        exit code 0
        """);

    [Theory]
    [InlineData("pipe", "pipe_out")]
    [InlineData("socket_pair", "pipe_out")]
    [InlineData("pipe", "socket_pair")]
    public void Two_pipes_may_be_the_remote(string source, string sink) => CopyScript.Expect(
        $$"""
        to_source, source = {{source}}()
        from_sink, sink = {{sink}}()
        to_remote, remote_read = pipe()
        from_remote, remote_write = pipe_out()
        process = ioconnect(source, remote_read, remote_write, sink)
        there = Receiver(from_remote), Sender(to_source, 20 * MEGABYTE + 1)
        back = Receiver(from_sink), Sender(to_remote, 20 * MEGABYTE + 2)
        print(same(there[1], there[0]), same(back[1], back[0]))
        finish(process)
        """,
        """
        True True
        exit code 0
        """);

    [Fact]
    public void Files_and_the_null_device_may_be_ends() => Script.Expect(
        """
        head -c 5000000 /dev/urandom >in
        serve sock cat
        s6-ipcclient sock s6-ioconnect <in >out && cmp in out && echo same
        s6-ipcclient sock s6-ioconnect <in >>out && cat in in | cmp - out && echo appended
        s6-ipcclient sock s6-ioconnect >out && wc -c <out
        s6-ipcclient sock s6-ioconnect <in >/dev/null && echo away
        s6-ioconnect 6<in 7>/dev/null >out && cmp in out && echo same
        s6-ioconnect <in 6</dev/null 7>other >/dev/null && cmp in other && echo same
        s6-ioconnect 6</dev/null 7>/dev/null >/dev/null && echo nothing
        """,
        """
        same
        appended
        0
        away
        same
        same
        nothing
        """);

    [Fact]
    public void Slow_readers_and_tiny_writes_lose_nothing() => CopyScript.Expect(
        """
        to_source, source = pipe()
        from_sink, sink = pipe_out()
        process, peer = over_socket(source, sink)
        there = Receiver(peer.fileno(), 4093, 0.001), Sender(to_source, MEGABYTE)
        back = Receiver(from_sink, 1021, 0.0005), Sender(peer.fileno(), MEGABYTE)
        print(same(there[1], there[0]), same(back[1], back[0]))
        finish(process)

        to_source, source = pipe()
        from_sink, sink = pipe_out()
        process, peer = over_socket(source, sink)
        answers = b""
        for number in range(500):
            os.write(to_source, b"%d\n" % number)
            request = peer.recv(100)
            peer.send(request * 2)
            answer = b""
            while len(answer) < 2 * len(request):
                answer += os.read(from_sink, 100)
            assert answer == request * 2, answer
        os.close(to_source)
        assert peer.recv(100) == b""
        peer.close()
        assert os.read(from_sink, 100) == b""
        finish(process)
        """,
        """
        True True
        exit code 0
        exit code 0
        """);

    [Fact]
    public void Each_direction_ends_by_itself() => CopyScript.Expect(
        """
        # The user's input ends first: the answer still arrives.
        to_source, source = pipe()
        from_sink, sink = pipe_out()
        process, peer = over_socket(source, sink)
        os.write(to_source, b"request")
        os.close(to_source)
        print(peer.makefile("rb").read())
        peer.sendall(b"answer")
        print(os.read(from_sink, 100))
        peer.sendall(b"more")
        peer.close()
        print(os.read(from_sink, 100), os.read(from_sink, 100))
        finish(process)

        # The peer's sending ends first: the user goes on.
        to_source, source = pipe()
        from_sink, sink = pipe_out()
        process, peer = over_socket(source, sink)
        peer.sendall(b"all I say")
        peer.shutdown(socket.SHUT_WR)
        print(os.read(from_sink, 100), os.read(from_sink, 100))
        for word in b"one", b"two":
            os.write(to_source, word)
            print(peer.recv(100))
        os.close(to_source)
        print(peer.recv(100))
        finish(process)
        """,
        """
        b'request'
        b'answer'
        b'more' b''
        exit code 0
        b'all I say' b''
        b'one'
        b'two'
        b''
        exit code 0
        """);

    [Fact]
    public void A_peer_that_is_gone_ends_it_though_the_user_could_go_on() => CopyScript.Expect(
        """
        to_source, source = pipe()
        from_sink, sink = pipe_out()
        process, peer = over_socket(source, sink)
        peer.sendall(b"bye")
        peer.close()
        print(os.read(from_sink, 100), os.read(from_sink, 100))
        finish(process)
        """,
        """
        b'bye' b''
        exit code 0
        """);

    [Fact]
    public void Decision_15_a_peer_that_vanishes_with_data_on_the_way_is_an_error() => CopyScript.Expect(
        """
        from_sink, sink = pipe_out()
        process, peer = over_socket(os.open("/dev/zero", os.O_RDONLY), sink)
        peer.recv(100)
        until_waiting(process)
        peer.close()
        messages = process.stderr.read().decode()
        print(process.wait(), "unable to write to fd" in messages)
        """,
        "111 True");

    [Theory]
    [InlineData("pipe_out")]
    [InlineData("socket_pair")]
    public void A_reader_that_is_gone_shuts_the_connection_for_reading(string sink) => CopyScript.Expect(
        $$"""
        to_source, source = pipe()
        from_sink, sink = {{sink}}()
        process, peer = over_socket(source, sink)
        peer.sendall(b"one")
        print(os.read(from_sink, 100))
        os.close(from_sink)
        try:
            while True:
                peer.sendall(b"two")
                time.sleep(0.001)
        except BrokenPipeError:
            print("the peer knows")
        os.write(to_source, b"still here")
        print(peer.recv(100))
        os.close(to_source)
        # Whether something was on the way when the reader went is a matter of chance.
        try:
            print(peer.recv(100))
        except ConnectionResetError:
            print(b"")
        process.stderr.read()
        print(process.wait() in (0, 111))
        """,
        """
        b'one'
        the peer knows
        b'still here'
        b''
        True
        """);

    [Fact]
    public void Decision_15_a_write_error_is_reported_and_the_exit_code_is_111() => Script.Expect(
        """
        serve sock sh -c 'cat; echo done'
        echo text | s6-ipcclient sock s6-ioconnect >/dev/full || echo $?
        echo text >in
        s6-ioconnect <in 6</dev/null 7>/dev/full || echo $?
        """,
        """
        111
        111
        """,
        """
        s6-ioconnect: warning: unable to write to fd 1: No space left on device
        s6-ioconnect: warning: unable to write to fd 7: No space left on device
        """);

    [Theory, Trait("Decision", "29")]
    [InlineData("true", "111")] // reads nothing
    [InlineData("head -c 1000", "111")]
    [InlineData("sh -c 'head -c 1000000 >/dev/null'", "0")] // reads everything
    public void Decision_29_Data_that_the_peer_did_not_take_are_an_error_whatever_the_timing(string service, string exitCode) => Script.Expect(
        $$"""
        serve sock {{service}}
        head -c 1000000 /dev/zero >in
        for i in {1..50}; do
            s6-ipcclient sock s6-ioconnect <in >/dev/null 2>&1; echo $?
            head -c 1000000 /dev/zero 2>/dev/null | s6-ipcclient sock s6-ioconnect >/dev/null 2>&1; echo $?
        done | sort | uniq -c
        """,
        $"    100 {exitCode}");

    [Fact, Trait("Decision", "29")]
    public void Decision_29_A_read_error_of_either_side_is_an_error_after_what_was_received() => CopyScript.Expect(
        """
        # The user's side: a directory. The answer of the peer still arrives.
        from_sink, sink = pipe_out()
        process, peer = over_socket(os.open(".", os.O_RDONLY), sink)
        print(peer.recv(100))
        peer.sendall(b"answer")
        peer.close()
        print(os.read(from_sink, 100), os.read(from_sink, 100))
        print(process.stderr.read().decode(), process.wait())

        # The connection: the peer resets it, because it leaves data unread. What it has sent before still arrives.
        for sink_kind in pipe_out, socket_pair:
            to_source, source = pipe()
            from_sink, sink = sink_kind()
            process, peer = over_socket(source, sink)
            os.write(to_source, b"not taken")
            while not select.select([peer], [], [], 10)[0]:
                pass
            peer.sendall(b"before")
            peer.close()
            print(os.read(from_sink, 100), os.read(from_sink, 100))
            print("Connection reset by peer" in process.stderr.read().decode(), process.wait())
        """,
        """
        b''
        b'answer' b''
        s6-ioconnect: warning: unable to read from fd 0: Is a directory
         111
        b'before' b''
        True 111
        b'before' b''
        True 111
        """);

    [Fact, Trait("Decision", "29")]
    public void Decision_29_Data_that_are_not_taken_are_an_error_when_only_sending_is_left() => CopyScript.Expect(
        """
        to_source, source = pipe()
        from_sink, sink = pipe_out()
        process, peer = over_socket(source, sink)
        peer.shutdown(socket.SHUT_WR)
        print(os.read(from_sink, 100))
        os.write(to_source, b"not taken")
        while not select.select([peer], [], [], 10)[0]:
            pass
        peer.close()
        print("Connection reset by peer" in process.stderr.read().decode(), process.wait())
        """,
        """
        b''
        True 111
        """);

    [Fact, Trait("Decision", "29")]
    public void Decision_29_A_peer_that_closes_when_it_has_taken_everything_is_the_usual_end() => CopyScript.Expect(
        """
        # With a user that goes on, with one that never said anything, with one that has ended.
        for words, ends in (b"taken", False), (b"", False), (b"taken", True):
            for kind in pipe, socket_pair, terminal:
                to_source, source = kind()
                from_sink, sink = pipe_out()
                process, peer = over_socket(source, sink)
                if words:
                    os.write(to_source, words)
                    assert peer.recv(100) == words
                if ends and kind is not terminal:
                    half_close(to_source)
                    assert peer.recv(100) == b""
                peer.close()
                assert os.read(from_sink, 100) == b""
                finish(process)
        """,
        string.Concat(Enumerable.Repeat("exit code 0\n", 9)).TrimEnd());

    [Theory]
    [InlineData("a pipe"), InlineData("a terminal"), InlineData("a socket")]
    public void With_e_it_ends_when_the_other_side_has_ended_sending(string source) => CopyScript.Expect(
        $$"""
        to_source, theirs = {"a pipe": pipe, "a terminal": terminal, "a socket": socket_pair}["{{source}}"]()
        from_sink, sink = pipe_out()
        process, peer = over_socket(theirs, sink, "-e")
        os.write(to_source, b"hello")
        print(peer.recv(10))
        peer.sendall(b"bye")
        peer.shutdown(socket.SHUT_WR)
        print(os.read(from_sink, 10), os.read(from_sink, 10))
        finish(process)
        print(peer.recv(10))
        """,
        """
        b'hello'
        b'bye' b''
        exit code 0
        b''
        """);

    [Fact]
    public void With_e_what_waits_to_be_sent_and_can_not_be_is_reported() => CopyScript.Expect(
        """
        zeros = os.open("/dev/zero", os.O_RDONLY)
        process, peer = over_socket(zeros, os.open("/dev/null", os.O_WRONLY), "-e")
        until_waiting(process)
        peer.shutdown(socket.SHUT_WR)
        print("exit code", process.wait())
        """,
        "exit code 111");
}
