using System.Collections.Generic;
using System.Linq;
using System.Net.Sockets;
using Xunit;

namespace LocalService.Tests.EndToEnd.Server;

/// <summary>
/// The decisions about the server that have no other class in this folder. 3 and 9 are also in <see cref="PrivilegeTests"/>, 4 in
/// <see cref="NumberTests"/>, 5 and 14 in <see cref="SocketPathTests"/>, 8 in <see cref="ClosedDescriptorTests"/>, 11 in
/// <see cref="StandardInputTests"/>, <see cref="ExhaustionTests"/> and <see cref="SignalTests"/>, 13 in <see cref="ProgramTests"/>.
/// </summary>
public sealed class DecisionTests
{
    [Theory, Trait("Decision", "9")]
    [InlineData(1), InlineData(3)]
    public void Decision_9_connlimit_refuses_when_the_number_is_above_the_limit(int limit)
    {
        using RunningServer server = RunningServer.Start(
            new ServerSetup { Prefix = $"env IPCCONNMAX={limit} ", Program = "s6-connlimit cat", Options = "-C 10" });
        List<Socket> sockets = [.. Enumerable.Range(0, limit).Select(_ => server.Connect())];
        Assert.All(sockets, socket => Assert.Equal("x", RunningServer.Exchange(socket, "x")));
        Assert.Equal("", server.Ask("hello"));
        sockets[0].Dispose();
        server.ExpectStatus($"{limit - 1}/40");
        Assert.Equal("hello", server.Ask("hello"));
        sockets.ForEach(socket => socket.Dispose());
        server.Stop();
    }

    [Fact, Trait("Decision", "10")]
    public void Decision_10_More_connections_than_any_ceiling_of_the_C_programs_of_Debian()
    {
        const int Connections = 1_200;
        // A program that is quick to start, waits for its input and takes little memory.
        using RunningServer server = RunningServer.Start(
            new ServerSetup { Options = $"-v -c {Connections + 1} -C {Connections + 1}", Program = "s6-connlimit cat" });
        List<Socket> sockets = [.. Enumerable.Range(0, Connections).Select(_ => server.Connect())];
        Assert.All(sockets, socket => Assert.Equal("x", RunningServer.Exchange(socket, "x")));
        server.WaitForLog($"info: status: {Connections}/{Connections + 1}");
        Assert.Equal(1, server.CountLog($"count {Connections}/{Connections + 1}"));
        sockets.ForEach(socket => socket.Dispose());
        server.ExpectStatus($"0/{Connections + 1}");
        server.Stop();
    }

    [Theory, Trait("Decision", "12")]
    [InlineData("-q", 0), InlineData("", 1), InlineData("-v", 1)]
    public void Decision_12_The_deny_line_appears_from_verbosity_1_and_ends_with_the_count(string options, int lines)
    {
        using RunningServer server = RunningServer.Start(new ServerSetup { Options = $"{options} -C 1" });
        using Socket first = server.Connect();
        Assert.Equal("x", RunningServer.Exchange(first, "x"));
        Assert.Equal("", server.Ask("hello"));
        first.Dispose();
        server.ExpectStatus("0/40");
        server.Stop();
        Assert.Equal(lines, server.Log.Count(line => line == "s6-ipcserverd: info: deny 0:0 count 1/1"));
        Assert.Equal(lines, server.CountLog("deny"));
    }

    [Theory, Trait("Decision", "14")]
    [InlineData(107), InlineData(1)]
    public void Decision_14_The_environment_carries_the_whole_path_of_the_client(int length)
    {
        using RunningServer server = RunningServer.Start(new ServerSetup { Program = "sh -c 'echo \"$IPCREMOTEPATH\"'" });
        string path = new('p', length);
        Assert.Equal(path + "\n", server.Run($"s6-ipcclient -p {path} sock s6-ioconnect </dev/null").Output);
        server.Stop();
    }

    [Fact, Trait("Decision", "14")]
    public void Decision_14_A_path_of_108_bytes_which_the_kernel_allows_is_cut()
    {
        using RunningServer server = RunningServer.Start(new ServerSetup { Program = "sh -c 'echo \"$IPCREMOTEPATH\"'" });
        // Python itself refuses such a path, libc doesn't.
        const string Script =
            "import ctypes, socket; s = socket.socket(socket.AF_UNIX); assert ctypes.CDLL(None).bind(s.fileno(), b'\\1\\0' + b'q' * 108, 110) == 0; "
            + "s.connect('sock'); s.shutdown(socket.SHUT_WR); print(s.recv(999).decode(), end='')";
        Assert.Equal(new string('q', 107) + "\n", server.Run($"python3 -c \"{Script}\"").Output);
        server.Stop();
    }

    [Theory, Trait("Decision", "11")]
    [InlineData(RunningServer.SIGCHLD, "17"), InlineData(RunningServer.SIGPIPE, "13")]
    public void Decision_11_Dispositions_that_the_server_needs_are_reset(int signal, string ignored)
    {
        using RunningServer server = RunningServer.Start(new ServerSetup { Options = "-c 1", Prefix = $"sigrun {ignored} '' ", Program = "showsig" });
        for (int i = 0; i < 5; i++)
            Assert.Equal("blocked: ignored:\n", server.Ask());
        server.Signal(signal);
        server.ExpectStatus("0/1");
        server.Stop();
    }

    [Fact]
    public void A_status_line_is_logged_on_request_at_any_verbosity()
    {
        using RunningServer server = RunningServer.Start(new ServerSetup { Options = "-q -c 7" });
        using Socket socket = server.Connect();
        Assert.Equal("x", RunningServer.Exchange(socket, "x"));
        server.ExpectStatus("1/7");
        socket.Dispose();
        server.ExpectStatus("0/7");
        server.Stop();
    }
}
