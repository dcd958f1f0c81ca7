using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Xunit;

namespace LocalService.Tests.EndToEnd.Server;

/// <summary>No handler of the server can run in a child, which shares the server's memory until it executes its program.</summary>
public sealed class ChildSignalTests
{
    private const int Starts = 10_000;
    private const ulong LogSignal = 1UL << 13; // SIGALRM
    private const ulong ClosingSignal = 1UL << 63; // SIGRTMAX

    // Signals that servers block or ignore, and that others might send to a whole group.
    private const string Stream = "PIPE XFSZ USR1 CHLD CONT WINCH";

    [Fact]
    public void A_server_has_no_handler_but_those_that_end_a_wait()
    {
        using RunningServer server = RunningServer.Start(new ServerSetup());
        Assert.Equal("hello", server.Ask("hello"));
        Assert.Equal(ClosingSignal, Caught(server));
        server.Stop();
        using RunningServer timed = RunningServer.Start(new ServerSetup { Before = "mkfifo pipe; cat pipe >text &", Redirections = "2>pipe" });
        Assert.Equal("hello", timed.Ask("hello"));
        Assert.Equal(ClosingSignal | LogSignal, Caught(timed));
        timed.Signal(RunningServer.SIGTERM);
        Assert.Equal(0, timed.WaitForExit(killGroup: false));
    }

    [Fact]
    public void A_child_puts_dispositions_back_and_unblocks_signals_last()
    {
        using RunningServer server = RunningServer.Start(
            new ServerSetup { Before = "mkfifo pipe; cat pipe >text &", Redirections = "2>pipe", Program = "busybox true" });
        IReadOnlyList<SystemCall> calls = SystemCall.Trace(server, () => Assert.Equal("", server.Ask()));
        string[] child = [.. calls.Where(call => call.Process != server.Id).TakeWhile(call => call.Name != "execve").Select(call => call.Name)];
        Assert.Equal(["dup2", "dup2", "rt_sigaction", "rt_sigaction", "rt_sigprocmask"], child);
        server.Signal(RunningServer.SIGTERM);
        Assert.Equal(0, server.WaitForExit(killGroup: false));
    }

    [Fact]
    public void A_stream_of_signals_during_ten_thousand_starts_harms_nothing_but_the_programs()
    {
        using RunningServer server = RunningServer.Start(new ServerSetup { Options = "-q", Program = "busybox true" });
        string[] sender = ["/usr/bin/bash", "-c", $"while :; do for signal in {Stream}; do kill -s $signal -- -{server.Id} || exit; done; done"];
        using (TestProcess.Start(sender, Path.GetTempPath()))
        {
            _ = Parallel.For(0, Starts, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ => Assert.Equal("", server.Ask()));
        }
        Eventually.Equal(0, () => server.Files.Children.Count);
        Assert.Equal("", server.Ask());
        server.Stop();
    }

    private static ulong Caught(RunningServer server) => Convert.ToUInt64(
        File.ReadLines($"/proc/{server.Id}/status").Single(line => line.StartsWith("SigCgt:", StringComparison.Ordinal))[7..].Trim(), 16);
}
