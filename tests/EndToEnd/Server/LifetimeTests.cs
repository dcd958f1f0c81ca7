using System;
using System.Linq;
using System.Net.Sockets;
using System.Threading;
using Xunit;

namespace LocalService.Tests.EndToEnd.Server;

/// <summary>Time limits of connections and of a server without any, and the end of a server after its last client has gone.</summary>
public sealed class LifetimeTests
{
    [Theory]
    [InlineData("-v -t 200", "cat", "signal 15")]
    [InlineData("-v -t 200 -T 200", "sh -c 'trap \"\" TERM; exec cat'", "signal 9")]
    public void A_connection_that_lasts_too_long_is_ended(string options, string program, string end)
    {
        using RunningServer server = RunningServer.Start(new ServerSetup { Options = options, Program = program });
        using Socket first = server.Connect();
        Assert.Equal("x", RunningServer.Exchange(first, "x"));
        server.WaitForLog(end);
        Assert.Equal(1, server.CountLog("has taken too long, sending SIGTERM+SIGCONT"));
        Assert.Equal(end == "signal 9" ? 1 : 0, server.CountLog("has taken too long, sending SIGKILL"));
        Assert.Equal("hello", server.Ask("hello"));
        server.ExpectStatus("0/40");
        server.Stop();
    }

    [Theory]
    [InlineData("-j 1"), InlineData("-j 3")]
    public void Each_of_many_connections_has_its_own_time(string options)
    {
        using RunningServer server = RunningServer.Start(new ServerSetup { Options = $"-v -t 4000 -c 200 -C 200 {options}" });
        server.WarmUp();
        Socket[] sockets = [.. Enumerable.Range(0, 60).Select(_ => server.Connect())];
        foreach (Socket socket in sockets)
            socket.ReceiveTimeout = 30_000;
        Assert.All(sockets, socket => Assert.Equal("x", RunningServer.Exchange(socket, "x")));
        // Half of them end by themselves. The server doesn't end late connections together with early ones.
        foreach (Socket socket in sockets[30..])
            socket.Dispose();
        Assert.All(sockets[..30], socket => Assert.Equal(0, socket.Receive(new byte[1])));
        Eventually.Equal(0, () => server.Files.Children.Count);
        Assert.Equal(30, server.CountLog("has taken too long"));
        Assert.Equal(30, server.CountLog("signal 15"));
        server.Stop();
    }

    // A gate with rules needs a thread beside that which waits for the ends of lifetimes.
    [Theory]
    [InlineData("cat"), InlineData("s6-ipcserver-access -i r ")]
    public void A_program_that_takes_its_time_to_end_does_not_prolong_the_others(string gate)
    {
        string program = gate.Replace("cat", "", StringComparison.Ordinal) + "sh -c 'read x; trap \"\" TERM; [ $x = stubborn ] || trap - TERM; echo $x; exec sleep 600'";
        using RunningServer server = RunningServer.Start(new ServerSetup { Before = "put uid/0/allow", Options = "-v -t 500 -T 600000", Program = program });
        using Socket stubborn = server.Connect();
        Assert.Equal("stubborn\n", RunningServer.Exchange(stubborn, "stubborn\n"));
        server.WaitForLog("has taken too long, sending SIGTERM+SIGCONT");
        using Socket other = server.Connect();
        Assert.Equal("mild\n", RunningServer.Exchange(other, "mild\n"));
        server.WaitForLog("uid 0 signal 15");
        Assert.Equal(0, server.CountLog("sending SIGKILL"));
        server.Signal(RunningServer.SIGABRT);
        Assert.Equal(0, server.WaitForExit());
    }

    // Somebody else has the lock of the gate's file for a while.
    [Fact]
    public void SIGUSR2_leaves_a_client_time_whose_gate_waits() => Script.Expect(
        """
        mkfifo ready; put uid/default/allow; mkdir rates
        s6-ipcserver -1 -v -- sock s6-connrate rates s6-ipcserver-access -i r sh -c 'echo served at ${IPCLOCALPATH##*/}' >ready 2>log & server=$!
        read -r _ <ready
        s6-ipcclient sock s6-ioconnect </dev/null
        exec 8<>$(echo rates/uid*); flock 8
        s6-ipcclient sock s6-ioconnect </dev/null >out 8>&- & client=$!
        waiting() { grep -q -- "-> FLOCK.* $server " /proc/locks; }; until_true waiting
        kill -USR2 $server
        # It stops listening, with the client still in its gate.
        left() { ! s6-ipcclient sock true 2>/dev/null; }; until_true left
        exec 8>&-
        wait $client; wait $server; echo $?; cat out; grep -c fatal log
        """,
        """
        served at sock
        0
        served at sock
        0
        """);

    [Theory]
    [InlineData("", "cat"), InlineData("", "s6-ipcserver-access -i r cat"), InlineData("-S", "s6-ipcserver-access -i r cat")]
    public void A_server_without_clients_ends(string options, string program)
    {
        using RunningServer server = RunningServer.Start(new ServerSetup { Before = "put uid/0/allow", Options = $"-v -i 700 {options}", Program = program });
        using (Socket socket = server.Connect())
        {
            Assert.Equal("x", RunningServer.Exchange(socket, "x"));
            // Longer than a server without clients lives.
            System.Threading.Thread.Sleep(900);
            Assert.Equal("y", RunningServer.Exchange(socket, "y"));
        }
        Assert.Equal(0, server.WaitForExit());
        Assert.Equal("s6-ipcserverd: info: exiting", server.Log[^1]);
        Assert.Equal(1, server.CountLog("nobody has been connected for long enough, quitting"));
    }

    [Theory]
    [InlineData(""), InlineData("-j 1")]
    public void SIGUSR2_serves_who_is_there_and_who_waits_and_ends(string options)
    {
        using RunningServer server = RunningServer.Start(new ServerSetup { Options = $"-v -c 2 {options}" });
        using Socket first = server.Connect(), second = server.Connect(), waiting = server.Connect();
        Assert.Equal("x", RunningServer.Exchange(first, "x"));
        Assert.Equal("x", RunningServer.Exchange(second, "x"));
        server.Signal(RunningServer.SIGUSR2);
        server.WaitForLog("received SIGUSR2, serving the clients that are here and quitting");
        second.Dispose();
        Assert.Equal("z", RunningServer.Exchange(waiting, "z"));
        waiting.Dispose();
        // Once no client waits any more, the server accepts no other.
        Eventually.True(
            () =>
            {
                try
                {
                    return server.Ask() == "never";
                }
                catch (SocketException)
                {
                    return true;
                }
            },
            () => "the server goes on accepting");
        Assert.Equal("y", RunningServer.Exchange(first, "y"));
        Assert.True(server.Files.IsAlive);
        first.Dispose();
        Assert.Equal(0, server.WaitForExit());
        Assert.Equal("s6-ipcserverd: info: exiting", server.Log[^1]);
    }

    [Fact]
    public void SIGUSR2_ends_a_server_that_nobody_uses_at_once()
    {
        using RunningServer server = RunningServer.Start(new ServerSetup());
        server.WarmUp();
        server.Signal(RunningServer.SIGUSR2);
        Assert.Equal(0, server.WaitForExit());
    }

    // After two seconds without a new client nothing wakes the server any more but the end of a connection.
    [Theory, InlineData("-j 1"), InlineData("-j 3")]
    public void SIGUSR2_ends_a_server_also_when_its_last_client_stays_long(string options)
    {
        using RunningServer server = RunningServer.Start(new ServerSetup { Options = options });
        using Socket client = server.Connect();
        Assert.Equal("x", RunningServer.Exchange(client, "x"));
        server.Signal(RunningServer.SIGUSR2);
        Thread.Sleep(TimeSpan.FromSeconds(4));
        Assert.True(server.Files.IsAlive);
        client.Dispose();
        Assert.Equal(0, server.WaitForExit());
    }

    [Fact]
    public void An_upgrade_with_SIGUSR2_loses_no_client() => Script.Expect(
        """
        serve -c 100 -C 100 sock echo old; old=$server
        clients() { for i in {1..60}; do s6-ipcclient -w 10000 sock sh -c 'cat <&6'; done | sed 's/old\|new/served/' | sort | uniq -c; }
        clients >counts & load=$!
        serve -c 100 -C 100 sock echo new
        kill -USR2 $old; wait $old; echo $?
        wait $load; cat counts
        kill $server
        """,
        """
        0
             60 served
        """);

    [Fact]
    public void The_front_ends_pass_the_limits_on() => Script.Expect(
        """
        serve -t 1000 -T 2000 -i 60000 sock true
        tr '\0' ' ' </proc/$server/cmdline | sed 's,^[^ ]*/,,'; echo
        kill $server
        ip link set lo up
        SERVER=s6-tcpserver serve -t 1000 -T 2000 -i 60000 127.0.0.1 0 true
        tr '\0' ' ' </proc/$server/cmdline | sed 's,^[^ ]*/,,'; echo
        kill $server
        s6-ipcserver -t 1073741825 sock true 2>&1 | head -1
        """,
        """
        s6-ipcserverd -1 -t 1000 -T 2000 -i 60000 -- true<SPACE>
        s6-tcpserverd -1 -t 1000 -T 2000 -i 60000 -- true<SPACE>
        s6-ipcserver: fatal: invalid number of milliseconds, at most 1073741824, for -t: 1073741825
        """);

    [Fact]
    public void Over_TCP_the_limits_hold_as_well() => Script.Expect(
        """
        mkfifo ready; s6-tcpserver -1 -v -t 300 -i 300 127.0.0.1 0 cat >ready 2>log & server=$!
        read -r port <ready
        s6-tcpclient 127.0.0.1 $port sh -c 'echo hello >&7; cat <&6'
        wait $server; echo $?
        grep -c 'signal 15' log; tail -1 log
        """,
        """
        hello
        0
        1
        s6-tcpserverd: info: exiting
        """);
}
