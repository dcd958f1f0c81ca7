using System;
using System.Linq;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace LocalService.Tests.EndToEnd.Server;

/// <summary>The effect of each signal, for any initial signal state of the server, and at any time.</summary>
public sealed class SignalTests
{
    private const string HandledSignals = "1,3,6,10,13,15,17";

    // The answer on a connection that was cut, and on one that goes on.
    private const string Cut = "", Served = "y";

    public static TheoryData<int, string, string, string, bool> Effects
    {
        get
        {
            var data = new TheoryData<int, string, string, string, bool>();
            foreach (string disposition in (string[])["''", HandledSignals])
            {
                foreach (string blocked in (string[])["''", HandledSignals])
                {
                    data.Add(RunningServer.SIGTERM, $"sigrun {disposition} {blocked} ", Served, "received SIGTERM, quitting", true);
                    data.Add(RunningServer.SIGHUP, $"sigrun {disposition} {blocked} ", Cut, "received SIGHUP, sending SIGTERM+SIGCONT to all connections", false);
                    data.Add(RunningServer.SIGQUIT, $"sigrun {disposition} {blocked} ", Cut, "received SIGQUIT, sending SIGTERM+SIGCONT to all connections and quitting", true);
                    data.Add(RunningServer.SIGABRT, $"sigrun {disposition} {blocked} ", Cut, "received SIGABRT, sending SIGKILL to all connections and quitting", true);
                    data.Add(RunningServer.SIGUSR1, $"sigrun {disposition} {blocked} ", Served, "status: 1/40", false);
                    data.Add(RunningServer.SIGCHLD, $"sigrun {disposition} {blocked} ", Served, "", false);
                    data.Add(RunningServer.SIGPIPE, $"sigrun {disposition} {blocked} ", Served, "", false);
                }
            }
            return data;
        }
    }

    [Theory, MemberData(nameof(Effects))]
    public void A_handled_signal_acts_whatever_was_blocked_or_ignored_at_start(int signal, string prefix, string answer, string line, bool ends)
    {
        // A server that was started with SIGTERM ignored has children that ignore it too. So the program restores the default.
        using RunningServer server = RunningServer.Start(
            new ServerSetup { Options = "-v", Prefix = prefix, Program = "env --default-signal=TERM cat" });
        using Socket socket = server.Connect();
        Assert.Equal("x", RunningServer.Exchange(socket, "x"));
        server.Signal(signal);
        if (line.Length > 0)
            server.WaitForLog("s6-ipcserverd: info: " + line);
        if (ends)
            Assert.Equal(0, server.WaitForExit(killGroup: false));
        Assert.Equal(answer, answer == Cut ? RunningServer.Talk(socket, "") : RunningServer.Exchange(socket, "y"));
        Assert.Equal(ends ? 1 : 0, server.CountLog("info: exiting"));
        if (ends)
            return;
        Assert.Equal("hello", server.Ask("hello"));
        server.Stop();
    }

    [Fact]
    public void SIGHUP_reaches_stopped_children_and_SIGABRT_those_that_ignore_SIGTERM()
    {
        using RunningServer server = RunningServer.Start(new ServerSetup { Options = "-v", Program = "sh -c 'trap \"\" TERM; read -r x; echo $x; read -r x'" });
        using Socket ignoring = server.Connect();
        Assert.Equal("a\n", RunningServer.Exchange(ignoring, "a\n"));
        server.Signal(RunningServer.SIGHUP);
        server.WaitForLog("received SIGHUP");
        Assert.Single(server.Files.Children);
        server.Signal(RunningServer.SIGABRT);
        Assert.Equal(0, server.WaitForExit(killGroup: false));
        Assert.Equal("", RunningServer.Talk(ignoring, ""));

        using RunningServer other = RunningServer.Start(new ServerSetup { Options = "-v" });
        using Socket stopped = other.Connect();
        Assert.Equal("a", RunningServer.Exchange(stopped, "a"));
        int child = Assert.Single(other.Files.Children);
        _ = other.Run($"kill -STOP {child}");
        other.Signal(RunningServer.SIGHUP);
        Assert.Equal("", RunningServer.Talk(stopped, ""));
        other.WaitForLog("signal 15");
        other.Stop();
    }

    [Fact]
    public async Task Bursts_of_all_handled_signals_during_traffic_leave_a_working_server()
    {
        using RunningServer server = RunningServer.Start(new ServerSetup { Options = "-c 30 -C 30", Redirections = "2>/dev/null" });
        server.WarmUp();
        int descriptors = server.RestingDescriptors;
        using var over = new CancellationTokenSource();
        int served = 0;
        Task[] clients = [.. Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            while (!over.IsCancellationRequested)
            {
                string answer = server.Ask("hello");
                Assert.True(answer is "hello" or "", answer);
                _ = Interlocked.Add(ref served, answer.Length);
            }
        }))];
        int[] signals = [RunningServer.SIGCHLD, RunningServer.SIGHUP, RunningServer.SIGUSR1, RunningServer.SIGPIPE, RunningServer.SIGCONT];
        for (int burst = 0; burst < 100; burst++)
        {
            for (int i = 0; i < 50; i++)
                server.Signal(signals[(burst + i) % signals.Length]);
            await Task.Delay(5);
        }
        for (int i = 0; i < 20; i++)
        {
            server.Signal(RunningServer.SIGSTOP);
            server.Signal(RunningServer.SIGCONT);
            await Task.Delay(5);
        }
        await over.CancelAsync();
        await Task.WhenAll(clients);
        Assert.NotEqual(0, served);
        Assert.Equal("hello", server.Ask("hello"));
        Eventually.Equal(0, () => server.Files.Children.Count);
        Assert.Equal(descriptors, server.RestingDescriptors);
        server.Stop();
    }

    [Theory]
    [InlineData(2), InlineData(4), InlineData(11), InlineData(14), InlineData(24), InlineData(34), InlineData(63), InlineData(9)]
    public void Any_other_signal_kills_the_server_and_leaves_the_children(int signal)
    {
        using RunningServer server = RunningServer.Start(new ServerSetup());
        using Socket socket = server.Connect();
        Assert.Equal("x", RunningServer.Exchange(socket, "x"));
        server.Signal(signal);
        Assert.Equal(128 + signal, server.WaitForExit(killGroup: false));
        Assert.Equal("y", RunningServer.Exchange(socket, "y"));
    }

    [Fact]
    public void What_was_ignored_at_start_stays_so_in_the_server_and_in_its_children()
    {
        using RunningServer server = RunningServer.Start(new ServerSetup { Prefix = "sigrun 2,12,14,13,17 2,12,34 ", Program = "showsig" });
        foreach (int signal in (int[])[2, 14])
            server.Signal(signal);
        Assert.Equal("blocked: ignored: 2 12 14\n", server.Ask());
        server.Stop();
    }

    [Theory]
    [InlineData(RunningServer.SIGTERM), InlineData(RunningServer.SIGHUP), InlineData(RunningServer.SIGUSR1), InlineData(RunningServer.SIGCHLD)]
    public void At_any_moment_of_the_start_a_signal_acts_as_before_the_start_or_after(int signal)
    {
        for (int i = 0; i < 15; i++)
        {
            using var directory = new TestDirectory();
            ProcessResult result = TestProcess.Run(
                ["/usr/bin/bash", "-c", $"s6-ipcserver -v sock true & sleep 0.00{i:D2}; kill -{signal} $!; sleep 0.02; kill $! 2>/dev/null; wait $!"],
                directory.FullPath,
                new System.Collections.Generic.Dictionary<string, string> { ["PATH"] = ProgramsUnderTest.Ours.SearchPath });
            // Before the server handles a signal, the signal has its default effect. The SIGTERM that follows may come as early, too.
            Assert.Contains(result.ExitCode, (int[])[0, 128 + signal, 128 + RunningServer.SIGTERM]);
            Assert.DoesNotContain("fatal", result.Error, StringComparison.Ordinal);
        }
    }
}
