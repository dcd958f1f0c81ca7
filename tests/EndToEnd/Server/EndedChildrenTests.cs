using System;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using System.Threading;
using Xunit;

namespace LocalService.Tests.EndToEnd.Server;

/// <summary>One SIGCHLD stands for all children that end before it is read: the server finds all of them, even if they are many.</summary>
[Collection(nameof(PressureTests))]
public sealed class EndedChildrenTests
{
    private const int Connections = 1_000;

    [Theory]
    [InlineData(1, 3), InlineData(3, 3), InlineData(1, 500), InlineData(3, 500), InlineData(1, 1), InlineData(3, 1)]
    public void Ends_that_one_signal_stands_for_are_told_of_and_free_their_places(int threads, int oneOf)
    {
        using RunningServer server = RunningServer.Start(new ServerSetup { Options = $"-v -j {threads} -c {Connections} -C {Connections}", Program = "cat" });
        Socket[] sockets = Connect(server);
        try
        {
            Socket[] ending = [.. sockets.Where((_, i) => i % oneOf == 0)];
            EndWhileStopped(server, ending.Length, () => Array.ForEach(ending, socket => socket.Dispose()));
            Eventually.Equal(ending.Length, () => server.CountLog("info: end pid"));
            Eventually.Equal(Connections - ending.Length, () => server.Files.Children.Count);
            AssertRests(server);
            Array.ForEach(ending, _ => Assert.Equal("hello", server.Ask("hello")));
        }
        finally
        {
            Array.ForEach(sockets, socket => socket.Dispose());
        }
        server.ExpectStatus($"0/{Connections}");
        Assert.Empty(server.Files.Children);
        server.Stop();
    }

    [Fact]
    public void Children_from_before_the_server_do_not_stay_when_they_have_ended()
    {
        const int Strangers = 5;
        using RunningServer server = RunningServer.Start(new ServerSetup
        {
            Before = $"mkfifo go; for i in {{1..{Strangers}}}; do (read <go) & done",
            Options = $"-c {Connections} -C {Connections}",
            Program = "cat",
        });
        Socket[] sockets = Connect(server);
        try
        {
            EndWhileStopped(server, Strangers + 1, () =>
            {
                // When this writer closes, all readers end.
                File.OpenWrite(server["go"]).Dispose();
                sockets[0].Dispose();
            });
            Eventually.Equal(Connections - 1, () => server.Files.Children.Count);
            AssertRests(server);
        }
        finally
        {
            Array.ForEach(sockets, socket => socket.Dispose());
        }
        server.ExpectStatus($"0/{Connections}");
        server.Stop();
    }

    private static Socket[] Connect(RunningServer server)
    {
        Socket[] sockets = [.. Enumerable.Range(0, Connections).Select(_ => server.Connect())];
        Assert.All(sockets, socket => Assert.Equal("x", RunningServer.Exchange(socket, "x")));
        return sockets;
    }

    /// <summary>Lets children end while the server is stopped, so that it finds all of them at once.</summary>
    private static void EndWhileStopped(RunningServer server, int count, Action end)
    {
        server.Signal(RunningServer.SIGSTOP);
        end();
        Eventually.Equal(count, () => server.Files.Children.Count(pid => !new ProcessFiles(pid).IsAlive));
        server.Signal(RunningServer.SIGCONT);
    }

    /// <summary>After all children are found, the server stops searching.</summary>
    private static void AssertRests(RunningServer server)
    {
        TimeSpan used = server.Files.ProcessorTime;
        Thread.Sleep(TimeSpan.FromSeconds(1));
        Assert.InRange(server.Files.ProcessorTime - used, TimeSpan.Zero, TimeSpan.FromSeconds(0.1));
    }
}
