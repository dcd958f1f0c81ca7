using System;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace LocalService.Tests.EndToEnd.Server;

/// <summary>A server leaks nothing in 20,000 connections.</summary>
public sealed class LeakTests
{
    private const int Connections = 20_000;
    private const int Clients = 4;

    // The budgets of an idle server: its whole memory, and its private memory.
    private const long LargestIdleKiB = 128;
    private const long LargestPrivateKiB = 28; // 24, plus a page for a stack with an unlucky start

    // A tolerance of a few pages, for a table that has grown to the number of simultaneous connections.
    private const long AllowedGrowthKiB = 16;

    // The memory of a thread that has served a client.
    private const long MemoryOfThreadKiB = 48;

    [Theory]
    [InlineData("-v -c 100 -C 100", "s6-ioconnect --help", Connections, Connections)]
    [InlineData("-v -C 1", "cat", Connections / 4, 0)]
    [InlineData("-v", "./missing", Connections / 4, 0)]
    public void Nothing_is_left_of_connections(string options, string program, int connections, int expectedAnswers)
    {
        using RunningServer server = RunningServer.Start(new ServerSetup { Options = options, Program = program, Redirections = "2>/dev/null" });
        // Takes the user's only place where the limit is one.
        using Socket first = server.Connect();
        int held = program == "cat" ? 1 : 0;
        if (held > 0)
            Assert.Equal("x", RunningServer.Exchange(first, "x"));
        _ = Serve(server, connections / 20);
        Eventually.Equal(held, () => server.Files.Children.Count);
        (int descriptors, long resident, int threads) = (server.RestingDescriptors, server.Files.ResidentKiB, server.Files.Threads);
        Assert.Equal(expectedAnswers, Serve(server, connections));
        Eventually.Equal(held, () => server.Files.Children.Count);
        Assert.Equal(descriptors, server.RestingDescriptors);
        Assert.InRange(server.Files.ResidentKiB, 0, resident + AllowedGrowthKiB + (MemoryOfThreadKiB * (server.Files.Threads - threads)));
        server.Stop();
    }

    /// <summary>Not even all of its code is kept in memory: startup code and other roles are dropped.</summary>
    [Fact]
    public void A_server_that_waits_keeps_little_in_memory()
    {
        using RunningServer server = RunningServer.Start(new ServerSetup { Options = "-c 1000 -C 1000" });
        // After it has served a client, its startup is certainly over.
        Assert.Equal("hello", server.Ask("hello"));
        Assert.InRange(server.Files.ResidentKiB, 1, LargestIdleKiB);
        Assert.InRange(server.Files.AnonymousKiB, 1, LargestPrivateKiB);
        server.Stop();
    }

    /// <summary>
    /// The build computes which code an idle server needs, and the server maps all other code separately. If that mapping is touched, the computation
    /// has missed something.
    /// </summary>
    [Theory]
    [InlineData("-v", "echo hello")]
    [InlineData("-v -j 1", "./missing")]
    [InlineData("-v -C 1", "cat")]
    public void A_server_runs_none_of_the_code_behind_the_border(string options, string program)
    {
        using RunningServer server = RunningServer.Start(new ServerSetup { Options = options, Program = program, Redirections = "2>/dev/null" });
        _ = Serve(server, 100);
        Eventually.Equal(0, () => server.Files.Children.Count);
        long[] code = [.. server.Files.CodeKiB("localservice")];
        Assert.InRange(code.Length, 2, int.MaxValue);
        Assert.Equal(0, code[^1]);
        server.Stop();
    }

    [Fact]
    public void The_count_of_every_user_goes_back_to_zero()
    {
        using RunningServer server = RunningServer.Start(new ServerSetup { Options = "-C 2 -c 1000", Program = "sh -c 'echo $IPCCONNNUM; cat'" });
        for (int round = 0; round < 3; round++)
        {
            // Each uid connects up to its limit: a count that wasn't decremented would refuse the next round.
            ProcessResult result = server.Run(
                "for u in 0 1000 1001 65534; do setpriv --reuid $u --regid $u --clear-groups sh -c 'for i in 1 2; do s6-ipcclient sock s6-ioconnect </dev/null; done' | sort -u & done; wait");
            Assert.Equal("", result.Error);
            Eventually.Equal(0, () => server.Files.Children.Count);
        }
        Assert.Equal(0, server.CountLog("deny"));
        server.ExpectStatus("0/1000");
        server.Stop();
    }

    /// <summary>Makes this many connections from several threads.</summary>
    /// <returns>How many got an answer.</returns>
    private static int Serve(RunningServer server, int connections)
    {
        int answered = 0;
        _ = Parallel.For(0, Clients, new ParallelOptions { MaxDegreeOfParallelism = Clients }, _ =>
        {
            for (int i = 0; i < connections / Clients; i++)
            {
                if (server.Ask().StartsWith("usage: ", StringComparison.Ordinal))
                    _ = Interlocked.Increment(ref answered);
            }
        });
        return answered;
    }
}
