using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace LocalService.Tests.EndToEnd.Server;

/// <summary>Tests that fill the machine with processes run alone.</summary>
[CollectionDefinition(nameof(PressureTests), DisableParallelization = true)]
public sealed class PressureCollection;

/// <summary>Connections in great numbers: those that stay, those that are refused, and those that wait.</summary>
[Collection(nameof(PressureTests))]
public sealed class PressureTests
{
    // Far above the cost of waiting, far below the cost of spinning.
    private static readonly TimeSpan littleTime = TimeSpan.FromSeconds(0.3);

    [Theory]
    [InlineData("", 10_000), InlineData("-S", 500)]
    public void New_clients_are_served_beside_thousands_that_stay(string mode, int connections)
    {
        using RunningServer server = RunningServer.Start(new ServerSetup
        {
            Options = $"-q -c {connections + 1} -C {connections + 1} {mode}",
            Program = "s6-connlimit busybox cat",
            Redirections = "2>/dev/null",
        });
        var sockets = new Socket[connections];
        try
        {
            _ = Parallel.For(0, 4, part =>
            {
                for (int i = part; i < connections; i += 4)
                {
                    sockets[i] = server.Connect();
                    Assert.Equal("x", RunningServer.Exchange(sockets[i], "x"));
                }
            });
            for (int i = 0; i < 50; i++)
                Assert.Equal("hello", server.Ask("hello"));
            AssertRests(server);
            Assert.All(sockets, socket => Assert.Equal("y", RunningServer.Exchange(socket, "y")));
        }
        finally
        {
            Array.ForEach(sockets, socket => socket?.Dispose());
        }
        Eventually.Equal(0, () => server.Files.Children.Count);
        Assert.Equal("hello", server.Ask("hello"));
        server.Stop();
    }

    [Theory]
    [InlineData("put uid/1000/allow", "-i r"), InlineData("put uid/1000/allow; s6-accessrules-cdb-from-fs c r", "-x c")]
    public void Whoever_is_allowed_is_served_in_a_flood_of_clients_that_are_not(string before, string rules)
    {
        const uint Allowed = 1000;
        using RunningServer server = RunningServer.Start(
            new ServerSetup { Before = before, Options = "-q -c 4", Program = $"s6-ipcserver-access -v0 {rules} echo served" });
        using (var flood = new Flood(server, 4))
        {
            Eventually.True(() => flood.Count > 100, () => "no flood");
            string output = server.Run("for i in {1..30}; do s6-ipcclient sock s6-ioconnect </dev/null; done | sort | uniq -c", Allowed).Output;
            Assert.Equal("30 served", output.Trim());
            int soFar = flood.Count;
            Eventually.True(() => flood.Count > soFar + 100, () => "the flood has dried up");
        }
        AssertRests(server);
        Assert.Equal("", string.Join('\n', server.Log));
        server.ExpectStatus("0/4");
        server.Stop();
    }

    [Theory]
    [InlineData(1), InlineData(3)]
    public void In_a_storm_with_all_slots_taken_everybody_is_served_in_the_end(int threads)
    {
        const int Waiting = 1_500;
        using RunningServer server = RunningServer.Start(
            new ServerSetup { Options = $"-v -c 5 -C 5 -b 4096 -j {threads}", Program = "s6-connlimit busybox cat" });
        List<Socket> holding = [.. Enumerable.Range(0, 5).Select(_ => server.Connect())];
        Assert.All(holding, socket => Assert.Equal("x", RunningServer.Exchange(socket, "x")));
        List<Socket> waiting = [.. Enumerable.Range(0, Waiting).Select(_ => server.Connect())];
        // The server accepts no client meanwhile, and doesn't poll in a loop.
        AssertRests(server);
        server.ExpectStatus("5/5");
        holding.ForEach(socket => socket.Dispose());
        foreach (Socket socket in waiting)
        {
            Assert.Equal("hello", RunningServer.Talk(socket, "hello"));
            socket.Dispose();
        }
        server.ExpectStatus("0/5");
        Assert.Equal(Waiting + 5, server.CountLog("info: allow"));
        Assert.Equal(0, server.CountLog("info: deny"));
        AssertRests(server);
        server.Stop();
    }

    [Fact]
    public void A_storm_of_clients_above_the_limit_of_their_user_leaves_nothing_behind()
    {
        using RunningServer server = RunningServer.Start(new ServerSetup { Options = "-q -c 100 -C 3", Program = "s6-connlimit busybox cat" });
        List<Socket> holding = [.. Enumerable.Range(0, 3).Select(_ => server.Connect())];
        Assert.All(holding, socket => Assert.Equal("x", RunningServer.Exchange(socket, "x")));
        using (var flood = new Flood(server, 4))
            Eventually.True(() => flood.Count > 5_000, () => "no flood");
        Assert.All(holding, socket => Assert.Equal("y", RunningServer.Exchange(socket, "y")));
        server.ExpectStatus("3/100");
        AssertRests(server);
        holding.ForEach(socket => socket.Dispose());
        server.ExpectStatus("0/100");
        server.Stop();
    }

    /// <summary>An idle server uses no processor time.</summary>
    private static void AssertRests(RunningServer server)
    {
        TimeSpan used = server.Files.ProcessorTime;
        Thread.Sleep(TimeSpan.FromSeconds(1));
        Assert.InRange(server.Files.ProcessorTime - used, TimeSpan.Zero, littleTime);
    }

    /// <summary>Clients that are refused and connect again, until this object is disposed.</summary>
    private sealed class Flood : IDisposable
    {
        private readonly Task[] tasks;
        private int count;
        private volatile bool stopped;

        internal Flood(RunningServer server, int clients) =>
            tasks = [.. Enumerable.Range(0, clients).Select(_ => Task.Factory.StartNew(() => Run(server), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];

        internal int Count => Volatile.Read(ref count);

        public void Dispose()
        {
            stopped = true;
            Task.WaitAll(tasks);
        }

        private void Run(RunningServer server)
        {
            while (!stopped)
            {
                Assert.Equal("", server.Ask());
                _ = Interlocked.Increment(ref count);
            }
        }
    }
}
