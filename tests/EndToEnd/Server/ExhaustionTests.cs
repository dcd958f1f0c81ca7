using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace LocalService.Tests.EndToEnd.Server;

/// <summary>Clients in great numbers that vanish, and systems that have run out of a resource.</summary>
[Trait("Decision", "11")]
public sealed class ExhaustionTests
{
    // Far above the cost of waiting, far below the cost of spinning.
    private static readonly TimeSpan littleTime = TimeSpan.FromSeconds(0.5);

    [Fact]
    public void Thousands_of_clients_that_vanish_leave_nothing_behind()
    {
        using RunningServer server = RunningServer.Start(new ServerSetup { Options = "-c 20 -C 20" });
        server.WarmUp();
        int descriptors = server.RestingDescriptors;
        Parallel.For(0, 4, worker =>
        {
            for (int i = 0; i < 750; i++)
            {
                using Socket socket = server.Connect();
                // Some leave at once, some without reading the echo of their text, some after a shutdown of their writing side.
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
        Assert.Equal(descriptors, server.RestingDescriptors);
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
    public async Task Decision_11_Without_processes_a_client_waits_and_is_served_or_refused_in_the_end()
    {
        // A uid that nobody else uses: the limit counts all processes of a user.
        const int User = 61_016;
        const int Limit = 10;
        using RunningServer server = RunningServer.Start(
            new ServerSetup { Options = $"-v -c 1000 -C 1000 -u {User} -g {User}", Before = $"ulimit -u {Limit}" });
        TimeSpan used = server.Files.ProcessorTime;
        var clock = Stopwatch.StartNew();
        // The threads of the server count against the limit as well.
        var served = new List<Socket>();
        Socket last = server.Connect();
        for (; RunningServer.Exchange(last, "x") == "x"; last = server.Connect())
            served.Add(last);
        // The last one was refused.
        last.Dispose();
        Assert.InRange(served.Count, 1, Limit - 1);
        string[] warnings = [.. server.Log.Where(line => line.Contains("warning", StringComparison.Ordinal))];
        Assert.InRange(warnings.Length, 2, (int)clock.Elapsed.TotalSeconds + 2);
        Assert.All(warnings, line => Assert.Equal("s6-ipcserverd: warning: unable to spawn cat: Resource temporarily unavailable", line));
        Assert.All(served, socket => Assert.Equal("y", RunningServer.Exchange(socket, "y")));
        // This client waits until another one is done. On a busy machine that may take too long for the first such client.
        int done = 0;
        for (string answer = ""; answer != "w"; done++)
        {
            using Socket waiting = server.Connect();
            Task<string> exchange = Task.Run(() => RunningServer.Exchange(waiting, "w"));
            await Task.Delay(200);
            Assert.False(exchange.IsCompleted);
            served[done].Dispose();
            answer = await exchange;
        }
        Assert.All(served.Skip(done), socket => Assert.Equal("z", RunningServer.Exchange(socket, "z")));
        Assert.InRange(server.Files.ProcessorTime - used, TimeSpan.Zero, littleTime);
        served.ForEach(socket => socket.Dispose());
        server.ExpectStatus("0/1000");
        Assert.Empty(server.Files.Children);
        server.Stop();
    }

    [Theory]
    [InlineData(15, 0), InlineData(1, -1), InlineData(3, 0), InlineData(6, 0)]
    public void Signals_act_while_a_client_waits_for_a_process(int signal, int exitCode)
    {
        using RunningServer server = RunningServer.Start(new ServerSetup { Prefix = Inject("clone:error=EAGAIN") });
        using Socket waiting = server.Connect();
        server.WaitForLog("unable to spawn cat: Resource temporarily unavailable");
        server.Signal(signal);
        Assert.Equal("", RunningServer.Exchange(waiting, "x"));
        if (exitCode < 0)
            server.Stop();
        else
            Assert.Equal(exitCode, server.WaitForExit());
    }

    [Theory]
    [InlineData("clone:error=EAGAIN:when=1..3", "", "cat", "unable to spawn cat: Resource temporarily unavailable")]
    [InlineData("clone:error=ENOMEM:when=1..3", "", "cat", "unable to spawn cat: Cannot allocate memory")]
    [InlineData("clone:error=EAGAIN:when=2..4", "put uid/0/allow", "s6-ipcserver-access -v0 -i r cat", "unable to spawn cat: Resource temporarily unavailable")]
    public void A_client_that_was_accepted_waits_for_what_the_system_has_run_out_of(string fault, string before, string program, string warning)
    {
        using RunningServer server = RunningServer.Start(new ServerSetup { Before = before, Program = program, Prefix = Inject(fault) });
        Assert.Equal("hello", server.Ask("hello"));
        Assert.Equal(1, server.CountLog("s6-ipcserverd: warning: " + warning));
        Assert.Equal("hello", server.Ask("hello"));
        server.ExpectStatus("0/40");
        server.Stop();
    }

    [Fact]
    public void A_program_that_cannot_be_executed_for_lack_of_memory_is_refused_with_a_line_in_the_end()
    {
        using RunningServer server = RunningServer.Start(new ServerSetup { Program = "/usr/bin/cat", Prefix = Inject("execve:error=ENOMEM", "/usr/bin/cat") });
        Assert.Equal("", server.Ask("hello"));
        Assert.InRange(server.CountLog("s6-ipcserverd: warning: unable to spawn /usr/bin/cat: Cannot allocate memory"), 2, 4);
        server.ExpectStatus("0/40");
        server.Stop();
    }

    [Theory]
    [InlineData("EMFILE", "Too many open files"), InlineData("ENFILE", "Too many open files in system"), InlineData("ENOMEM", "Cannot allocate memory")]
    public void What_a_gate_runs_out_of_is_no_refusal(string error, string text)
    {
        using RunningServer server = RunningServer.Start(new ServerSetup
        {
            Before = "put uid/0/allow",
            Program = "s6-ipcserver-access -i r cat",
            Prefix = Inject($"openat,open:error={error}:when=1..2", "r"),
        });
        Assert.Equal("hello", server.Ask("hello"));
        server.Stop();
        Assert.Equal(1, server.CountLog($"s6-ipcserverd: warning: unable to run s6-ipcserver-access: {text}"));
        Assert.Equal(0, server.CountLog("s6-ipcserver-access: fatal"));
        Assert.Equal(1, server.CountLog("s6-ipcserver-access: info: allow"));
    }

    [Theory]
    [InlineData("poll", "ENOMEM"), InlineData("poll", "EAGAIN"), InlineData("poll", "EINVAL"), InlineData("read", "ENOMEM"), InlineData("read", "EIO")]
    [InlineData("accept4", "EPERM"), InlineData("accept4", "EPROTO"), InlineData("accept4", "ENOBUFS"), InlineData("accept4", "ECONNABORTED"), InlineData("accept4", "EFAULT")]
    [InlineData("getsockopt", "ENOMEM"), InlineData("wait4", "EINTR"), InlineData("epoll_wait", "ENOMEM"), InlineData("epoll_pwait", "ENOMEM"), InlineData("mmap", "ENOMEM")]
    [InlineData("write", "EIO"), InlineData("madvise", "EINVAL"), InlineData("epoll_create1", "EMFILE")]
    public void No_call_that_fails_again_and_again_ends_the_server(string call, string error)
    {
        const string Answer = "usage: s6-ioconnect";
        // Every second call fails once the server is ready: in the accept loop, its threads and gates. The program makes few calls of its own.
        using RunningServer server = RunningServer.Start(
            new ServerSetup { Options = "-v", Before = "put uid/0/allow", Program = "s6-ipcserver-access -i r s6-ioconnect --help" });
        TestProcess? tracer = null;
        try
        {
            tracer = TestProcess.Start(
                ["/usr/bin/strace", "-f", "-qq", "-o", server["trace"], "-e", $"trace={call}", "-e", $"inject={call}:error={error}:when=1+2", "-p", $"{server.Id}"],
                Path.GetDirectoryName(server["trace"])!);
            Eventually.True(() => !File.ReadAllText($"/proc/{server.Id}/status").Contains("TracerPid:\t0\n", StringComparison.Ordinal), () => "not traced");
            // A client that is hit by the fault may get nothing. Some are served.
            int answers = Enumerable.Range(0, 12).Count(_ => server.Ask().StartsWith(Answer, StringComparison.Ordinal));
            Assert.InRange(answers, 4, 12);
            Assert.True(server.Files.IsAlive);
            Assert.Equal(0, server.CountLog("fatal"));
        }
        finally
        {
            tracer?.Signal(RunningServer.SIGTERM);
            _ = tracer?.WaitForExit(Eventually.Limit);
            tracer?.Dispose();
        }
        Assert.StartsWith(Answer, server.Ask(), StringComparison.Ordinal);
        server.Stop();
    }

    [Theory]
    [InlineData("poll:error=ENOMEM:when=2+"), InlineData("poll:error=EAGAIN:when=2+")]
    public void Signals_act_while_the_server_cannot_poll(string fault)
    {
        using RunningServer server = RunningServer.Start(new ServerSetup { Prefix = Inject(fault) });
        TimeSpan used = server.Files.ProcessorTime;
        server.WaitForLog("unable to poll");
        server.Signal(RunningServer.SIGUSR1);
        server.WaitForLog("info: status: 0/40");
        Assert.InRange(server.Files.ProcessorTime - used, TimeSpan.Zero, littleTime);
        server.Stop();
    }

    [Theory]
    [InlineData(""), InlineData("-j 1")]
    public async Task A_look_up_that_hangs_holds_up_neither_signals_nor_other_clients(string options)
    {
        // A file system that doesn't answer: each look-up of user 1000's rule takes longer than the server waits for it when it exits.
        using RunningServer server = RunningServer.Start(new ServerSetup
        {
            Options = options,
            Before = "put uid/0/allow uid/1000/allow",
            Program = "s6-ipcserver-access -v0 -i r cat",
            Prefix = Inject("openat:delay_enter=8000000", "uid/1000"),
        });
        Assert.Equal("hello", server.Ask("hello"));
        Task<ProcessResult> client = Task.Run(() => server.Run("s6-ipcclient sock s6-ioconnect </dev/null", 1000));
        // The tracer holds the thread in the call, and prints the call only when it returns.
        Eventually.True(() => HeldThreads(server).Intersect(HeldThreadsLater(server)).Any(), () => "no look at the rule");
        server.Signal(RunningServer.SIGUSR1);
        server.WaitForLog("info: status: 0/40");
        if (options.Length == 0)
            Assert.Equal("hello", server.Ask("hello"));
        server.Signal(RunningServer.SIGTERM);
        server.WaitForLog("warning: clients given up because their gates did not answer: 1");
        Assert.Equal(0, server.WaitForExit());
        Assert.Equal("", (await client).Output);
    }

    private static string[] HeldThreads(RunningServer server) =>
        [.. Directory.GetDirectories($"/proc/{server.Id}/task").Where(task => File.ReadAllText(task + "/status").Contains("\nState:\tt", StringComparison.Ordinal))];

    private static string[] HeldThreadsLater(RunningServer server)
    {
        Thread.Sleep(100);
        return HeldThreads(server);
    }

    [Fact]
    public void A_log_at_the_limit_on_the_size_of_files_is_only_a_log_that_takes_nothing()
    {
        using RunningServer server = RunningServer.Start(new ServerSetup { Options = "-v", Before = "ulimit -f 1", Program = "showsig" });
        for (int i = 0; i < 30; i++)
            Assert.DoesNotContain(" 25", server.Ask(), StringComparison.Ordinal);
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

    // The prefix that injects a fault into the server from its start on; if a path is given, only for calls about it.
    private static string Inject(string fault, string path = "") =>
        $"strace -D -f -qq -o trace {(path.Length > 0 ? $"-P $PWD/{path} -P {path}" : "")} -e trace={fault[..fault.IndexOf(':', StringComparison.Ordinal)]} -e inject={fault} ";

    private static void Limit(RunningServer server, string limit) => Assert.Equal(0, server.Run($"prlimit --pid {server.Id} --{limit}:").ExitCode);

    [Fact]
    public void What_could_not_be_closed_for_want_of_a_thread_is_closed_without_another_client() => Script.Expect(
        """
        put uid/default/deny
        serve -q -j 1 sock s6-ipcserver-access -v0 -i r true
        # The thread that accepts is there after the first client; what is said of calls counts for each thread.
        cl
        descriptors() { ls /proc/$server/fd | wc -l; }
        before=$(descriptors)
        attach -e trace=clone -e inject=clone:error=EAGAIN:when=1..3
        # What a client has sent before it is accepted is there to read when it is refused.
        python3 - $server <<'END'
        import os, signal, socket, sys
        server = int(sys.argv[1])
        os.kill(server, signal.SIGSTOP)
        client = socket.socket(socket.AF_UNIX)
        client.connect('sock')
        client.send(b'unread')
        os.kill(server, signal.SIGCONT)
        try:
            client.recv(1)
        except ConnectionResetError:
            pass
        END
        closed() { [ "$(grep -c INJECTED trace)" -ge 3 ] && [ "$(descriptors)" -le $before ]; }
        until_true closed
        detach
        echo closed
        """,
        "closed");
}
