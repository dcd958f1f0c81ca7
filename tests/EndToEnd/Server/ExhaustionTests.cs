using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace LocalService.Tests.EndToEnd.Server;

/// <summary>Clients in great numbers that vanish, and systems that have run out of something.</summary>
[Trait("Decision", "11")]
public sealed class ExhaustionTests
{
    // Far above what waiting costs, far below what spinning does.
    private static readonly TimeSpan littleTime = TimeSpan.FromSeconds(0.5);

    [Fact]
    public void Thousands_of_clients_that_vanish_leave_nothing_behind()
    {
        using RunningServer server = RunningServer.Start(new ServerSetup { Options = "-c 20 -C 20" });
        server.WarmUp();
        int descriptors = server.Files.Descriptors;
        Parallel.For(0, 4, worker =>
        {
            for (int i = 0; i < 750; i++)
            {
                using Socket socket = server.Connect();
                // Some go at once, some after a text that is never read back, some while they only read.
                if (i % 3 == 1)
                    _ = socket.Send(new byte[100]);
                if (i % 3 == 2)
                    socket.Shutdown(SocketShutdown.Send);
                if (i % 5 == 0)
                    socket.LingerState = new LingerOption(true, 0);
            }
        });
        Assert.Equal("hello", server.Ask("hello"));
        server.ExpectStatus("0/20");
        Assert.Empty(server.Files.Children);
        Assert.Equal(descriptors, server.Files.Descriptors);
        server.Stop();
    }

    [Fact]
    public void Thousands_of_clients_that_vanished_while_they_waited_for_a_slot_are_passed_over()
    {
        using RunningServer server = RunningServer.Start(new ServerSetup { Options = "-c 1" });
        using (Socket first = server.Connect())
        {
            Assert.Equal("x", RunningServer.Exchange(first, "x"));
            // All of them at once, in the backlog.
            List<Socket> others = [.. Enumerable.Range(0, 2_000).Select(_ => server.Connect())];
            others.ForEach(socket => socket.Dispose());
        }
        Assert.Equal("hello", server.Ask("hello"));
        server.ExpectStatus("0/1");
        server.Stop();
    }

    [Fact]
    public void Sixteen_descriptors_serve_any_number_of_clients()
    {
        using RunningServer server = RunningServer.Start(new ServerSetup { Prefix = "prlimit --nofile=16 " });
        List<Socket> sockets = [.. Enumerable.Range(0, 40).Select(_ => server.Connect())];
        foreach (Socket socket in sockets)
            Assert.Equal("hello", RunningServer.Exchange(socket, "hello"));
        foreach (Socket socket in sockets)
            socket.Dispose();
        Assert.Equal("hello", server.Ask("hello"));
        server.ExpectStatus("0/40");
        Assert.Equal(0, server.CountLog("warning"));
        server.Stop();
    }

    [Fact]
    public async Task Decision_11_Without_descriptors_it_waits_and_warns_once_a_second()
    {
        using RunningServer server = RunningServer.Start(new ServerSetup());
        Limit(server, "nofile=3");
        TimeSpan used = server.Files.ProcessorTime;
        var clock = Stopwatch.StartNew();
        using Socket waiting = server.Connect();
        Task<string> answer = Task.Run(() => RunningServer.Talk(waiting, "hello"));
        server.WaitForLog("unable to accept");
        await Task.Delay(TimeSpan.FromSeconds(2));
        string[] log = server.Log;
        Assert.InRange(log.Length, 1, (int)clock.Elapsed.TotalSeconds + 1);
        Assert.All(log, line => Assert.Equal("s6-ipcserverd: warning: unable to accept: Too many open files", line));
        Assert.InRange(server.Files.ProcessorTime - used, TimeSpan.Zero, littleTime);
        Assert.False(answer.IsCompleted);
        Limit(server, "nofile=64");
        Assert.Equal("hello", await answer);
        server.ExpectStatus("0/40");
        server.Stop();
    }

    [Fact]
    public void Decision_11_While_it_waits_for_descriptors_signals_act()
    {
        using RunningServer server = RunningServer.Start(new ServerSetup());
        Limit(server, "nofile=3");
        using Socket waiting = server.Connect();
        server.WaitForLog("unable to accept");
        server.Signal(RunningServer.SIGUSR1);
        server.WaitForLog("info: status: 0/40");
        server.Stop();
    }

    [Fact]
    public void Decision_11_Without_processes_it_refuses_and_recovers()
    {
        // A uid that nobody else uses: the limit counts all processes of a user.
        const int User = 61_016;
        const int Limit = 10;
        using RunningServer server = RunningServer.Start(
            new ServerSetup { Options = $"-v -c 1000 -C 1000 -u {User} -g {User}", Before = $"ulimit -u {Limit}" });
        TimeSpan used = server.Files.ProcessorTime;
        var clock = Stopwatch.StartNew();
        // The server takes some of the processes itself: its threads.
        var served = new List<Socket>();
        Socket last = server.Connect();
        for (; RunningServer.Exchange(last, "x") == "x"; last = server.Connect())
            served.Add(last);
        last.Dispose();
        Assert.InRange(served.Count, 1, Limit - 1);
        for (int i = 0; i < 20; i++)
            Assert.Equal("", server.Ask("hello"));
        string[] warnings = [.. server.Log.Where(line => line.Contains("warning", StringComparison.Ordinal))];
        Assert.InRange(warnings.Length, 1, (int)clock.Elapsed.TotalSeconds + 1);
        Assert.All(warnings, line => Assert.Equal("s6-ipcserverd: warning: unable to spawn cat: Resource temporarily unavailable", line));
        Assert.All(served, socket => Assert.Equal("y", RunningServer.Exchange(socket, "y")));
        served[0].Dispose();
        server.WaitForLog("info: end pid");
        Eventually.Equal("hello", () => server.Ask("hello"));
        Assert.All(served.Skip(1), socket => Assert.Equal("z", RunningServer.Exchange(socket, "z")));
        Assert.InRange(server.Files.ProcessorTime - used, TimeSpan.Zero, littleTime);
        served.ForEach(socket => socket.Dispose());
        server.ExpectStatus("0/1000");
        Assert.Empty(server.Files.Children);
        server.Stop();
    }

    [Fact]
    public void An_idle_server_uses_no_time()
    {
        using RunningServer server = RunningServer.Start(new ServerSetup());
        using Socket socket = server.Connect();
        Assert.Equal("hello", RunningServer.Exchange(socket, "hello"));
        TimeSpan used = server.Files.ProcessorTime;
        Thread.Sleep(TimeSpan.FromSeconds(1));
        Assert.InRange(server.Files.ProcessorTime - used, TimeSpan.Zero, TimeSpan.FromMilliseconds(20));
        server.Stop();
    }

    private static void Limit(RunningServer server, string limit) => Assert.Equal(0, server.Run($"prlimit --pid {server.Id} --{limit}:").ExitCode);
}
