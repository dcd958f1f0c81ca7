using Xunit;

namespace LocalService.Tests.EndToEnd.Server;

/// <summary>The sockets that s6-ipcserverd serves, and those that it refuses before it announces anything (decision 11).</summary>
[Trait("Decision", "11")]
public sealed class StandardInputTests
{
    [Fact]
    public void Two_servers_share_a_listener_that_was_made_blocking_and_both_hear_signals() => Script.Expect(
        """
        s6-ipcserver-socketbinder -B sock bash -c 's6-ipcserverd -v0 busybox cat <&0 & echo $! >second; exec s6-ipcserverd -v0 busybox cat' & first=$!
        up
        # One of them loses the race for each client.
        for i in {1..40}; do echo x | s6-ipcclient sock s6-ioconnect; done | sort | uniq -c | tr -s ' '
        grep flags /proc/$first/fdinfo/0
        kill $first $(cat second)
        wait $first; echo $?
        until_true test ! -e /proc/$(cat second)
        """,
        " 40 x\nflags:\t02004002\n0\n");

    [Theory]
    [InlineData("</dev/null", "stdin is not a socket")]
    [InlineData("<file", "stdin is not a socket")]
    [InlineData("<.", "stdin is not a socket")]
    [InlineData("< <(sleep 1)", "stdin is not a socket")]
    [InlineData("unbound", "stdin is not a listening socket")]
    [InlineData("bound", "stdin is not a listening socket")]
    [InlineData("connected", "stdin is not a listening socket")]
    [InlineData("lost", "stdin is not a listening socket")]
    [InlineData("datagram", "stdin is not a stream socket")]
    [InlineData("seqpacket", "stdin is not a stream socket")]
    [InlineData("tcp", "stdin is not a Unix domain socket")]
    [InlineData("tcp-connected", "stdin is not a Unix domain socket")]
    [InlineData("udp", "stdin is not a Unix domain socket")]
    [InlineData("netlink", "stdin is not a Unix domain socket")]
    public void Decision_11_Only_a_listening_Unix_stream_socket_is_served(string input, string message)
    {
        bool isRedirection = input.StartsWith('<');
        string command = isRedirection ? $"s6-ipcserverd -v2 -1 true {input}" : $"withsocket 0 {input} s6-ipcserverd -v2 -1 true";
        ProcessResult result = BashCase.Run(ProgramsUnderTest.Ours, $"touch file; {command}");
        Assert.Equal(("", $"s6-ipcserverd: fatal: {message}\n", 100), (result.Output, result.Error, result.ExitCode));
    }

    [Fact]
    public void A_closed_one_is_a_system_error_and_nothing_is_announced()
    {
        ProcessResult result = BashCase.Run(ProgramsUnderTest.Ours, "s6-ipcserverd -v2 -1 true <&-");
        Assert.Equal(("", "s6-ipcserverd: fatal: unable to fstat stdin: Bad file descriptor\n", 111), (result.Output, result.Error, result.ExitCode));
    }

    [Theory]
    [InlineData("s6-ipcserver-socketbinder -b 0 sock s6-ipcserverd -v2 -1 true", "stdin is not a listening socket")]
    [InlineData("s6-ipcserver-socketbinder -m -b 0 sock s6-ipcserverd -v2 -1 true", "stdin is not a stream socket")]
    public void Decision_11_The_same_within_a_chain(string command, string message)
    {
        ProcessResult result = BashCase.Run(ProgramsUnderTest.Ours, command);
        Assert.Equal(("", $"s6-ipcserverd: fatal: {message}\n", 100), (result.Output, result.Error, result.ExitCode));
    }

    [Fact]
    public void Any_listening_Unix_socket_is_served_whoever_made_it()
    {
        ProcessResult result = BashCase.Run(
            ProgramsUnderTest.Ours,
            "withsocket 0 listening s6-ipcserverd -1 sh -c 'echo served $PROTO' >ready & s=$!; up ready; cl listening; kill $s; wait $s; echo $?");
        Assert.Equal(("served IPC\n0\n", ""), (result.Output, result.Error));
    }
}
