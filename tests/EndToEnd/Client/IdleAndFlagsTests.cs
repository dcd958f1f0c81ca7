using Xunit;

namespace LocalService.Tests.EndToEnd.Client;

/// <summary>ioconnect: its time limit, its signals, and the state that it leaves on shared descriptors (decision 15).</summary>
public sealed class IdleAndFlagsTests
{
    [Theory]
    [InlineData("the peer")]
    [InlineData("the peer behind a pipe")]
    [InlineData("the reader of a pipe")]
    [InlineData("the reader of a socket")]
    [InlineData("the reader of a terminal")]
    public void Decision_15_the_limit_counts_while_data_wait_for(string who) => CopyScript.Expect(
        $$"""
        who = "{{who}}"
        zeros, nothing = os.open("/dev/zero", os.O_RDONLY), pipe()
        if who == "the peer":
            process, peer = over_socket(zeros, os.open("/dev/null", os.O_WRONLY), "-t", 300)
        elif who == "the peer behind a pipe":
            theirs, write = pipe_out()
            process = ioconnect(zeros, nothing[1], write, os.open("/dev/null", os.O_WRONLY), "-t", 300)
        else:
            reader, sink = {"pipe": pipe_out, "socket": socket_pair, "terminal": terminal}[who.split()[-1]]()
            process = ioconnect(nothing[1], zeros, os.open("/dev/null", os.O_WRONLY), sink, "-t", 300)
        finish(process)
        """,
        "exit code 1");

    [Fact]
    public void Decision_15_slow_progress_is_no_idleness() => CopyScript.Expect(
        """
        to_source, source = pipe()
        from_sink, sink = pipe_out()
        process, peer = over_socket(source, sink, "-t", 5000)
        there = Receiver(peer.fileno(), 65536, 0.1), Sender(to_source, 6 * MEGABYTE)
        print(same(there[1], there[0]))
        peer.close()
        finish(process)
        """,
        """
        True
        exit code 0
        """);

    [Fact]
    public void The_limit_counts_while_nothing_happens_at_all() => CopyScript.Expect(
        """
        to_source, source = pipe()
        from_sink, sink = pipe_out()
        process, peer = over_socket(source, sink, "-t", 200)
        finish(process)
        print(peer.recv(10), os.read(from_sink, 10))
        """,
        """
        exit code 1
        b'' b''
        """);

    [Theory]
    [InlineData("exit")]
    [InlineData("SIGTERM")]
    [InlineData("SIGINT")]
    [InlineData("SIGHUP")]
    [InlineData("SIGKILL")]
    [InlineData("the limit")]
    [InlineData("a write error")]
    public void Decision_15_shared_descriptors_keep_their_flags_after(string cause) => CopyScript.Expect(
        $$"""
        cause = "{{cause}}"
        def attempt(ends, nonblocking):
            shared = [os.dup(descriptor) for descriptor in ends]
            for descriptor in shared:
                os.set_blocking(descriptor, not nonblocking)
            before = [flags(descriptor) for descriptor in shared]
            process = ioconnect(*ends, *(["-t", 200] if cause == "the limit" else []))
            return process, shared, before

        for nonblocking in False, True:
            for kind in "pipes", "sockets", "terminals":
                if kind == "pipes":
                    (ours, source), (from_sink, sink) = pipe(), pipe_out()
                elif kind == "sockets":
                    (ours, source), (from_sink, sink) = socket_pair(), socket_pair()
                else:
                    (ours, source), (from_sink, sink) = terminal(), terminal()
                if cause == "a write error":
                    os.close(sink)
                    sink = os.open("/dev/full", os.O_WRONLY)
                peer, remote = socket_pair()
                process, shared, before = attempt((source, remote, os.dup(remote), sink), nonblocking)
                os.write(ours, b"hello")  # until it arrives, ioconnect may not have begun
                print(os.read(peer, 100), end=" ")
                assert [flags(descriptor) for descriptor in shared] == before, "changed while it runs"
                if cause in ("exit", "a write error"):
                    os.write(peer, b"hello")
                    if cause == "exit":
                        os.read(from_sink, 100)
                    os.close(peer)
                elif cause != "the limit":
                    process.send_signal(getattr(signal, cause))
                process.stderr.read()
                code = process.wait()
                expected = {"exit": 0, "the limit": 1, "a write error": 111}.get(cause) if not cause.startswith("SIG") else -getattr(signal, cause)
                assert code == expected, code
                assert [flags(descriptor) for descriptor in shared] == before, "changed in the end"
                print(kind, nonblocking)
        """,
        """
        b'hello' pipes False
        b'hello' sockets False
        b'hello' terminals False
        b'hello' pipes True
        b'hello' sockets True
        b'hello' terminals True
        """);

    [Fact]
    public void Decision_15_signals_act_as_usual_even_when_blocked_at_start() => CopyScript.Expect(
        """
        for number in signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGALRM:
            to_source, source = pipe()
            from_sink, sink = pipe_out()
            process, peer = over_socket(source, sink, preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, {number}))
            os.write(to_source, b"x")
            peer.recv(1)
            process.send_signal(number)
            print(process.wait() == -number)
        """,
        """
        True
        True
        True
        True
        True
        """);

    [Fact]
    public void Stopped_and_continued_it_goes_on() => CopyScript.Expect(
        """
        to_source, source = pipe()
        from_sink, sink = pipe_out()
        process, peer = over_socket(source, sink, "-t", 60000)
        there = Receiver(peer.fileno()), Sender(to_source, 20 * MEGABYTE)
        for number in range(100):
            for number in signal.SIGSTOP, signal.SIGCONT, signal.SIGWINCH:
                process.send_signal(number)
        print(same(there[1], there[0]))
        peer.close()
        finish(process)
        """,
        """
        True
        exit code 0
        """);
}
