using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace LocalService.Tests.EndToEnd.Server;

/// <summary>Any number of threads that accept (<c>-j</c>): limits are exact, lines whole, signals and exit codes the same as with one thread.</summary>
public sealed partial class ThreadTests
{
    private const int Clients = 32;

    // Prints its number, and lives until its client leaves.
    private const string Numbered = "sh -c 'echo $IPCCONNNUM; exec cat'";

    [Theory]
    [InlineData(1, 5, 40), InlineData(3, 5, 40), InlineData(8, 5, 40), InlineData(3, 1, 40), InlineData(8, 1, 40), InlineData(8, 31, 31), InlineData(8, 40, 7), InlineData(3, 40, 1)]
    public void Limits_are_exact(int threads, int maximum, int maximumPerUser)
    {
        const int Rounds = 6;
        int most = Math.Min(maximum, maximumPerUser);
        using RunningServer server = RunningServer.Start(
            new ServerSetup { Options = $"-v -j {threads} -c {maximum} -C {maximumPerUser}", Program = Numbered });
        int live = 0;
        int served = 0;
        InParallel(client =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                using Socket socket = server.Connect();
                string number = ReadLine(socket);
                if (number.Length == 0)
                    continue;
                // Between the answer and the end of the connection, this connection counts as live.
                Assert.InRange(int.Parse(number, CultureInfo.InvariantCulture), 1, most);
                Assert.InRange(Interlocked.Increment(ref live), 1, most);
                _ = Interlocked.Increment(ref served);
                Assert.Equal("x", RunningServer.Exchange(socket, "x"));
                _ = Interlocked.Decrement(ref live);
            }
        });
        Eventually.Equal(0, () => server.Files.Children.Count);
        server.ExpectStatus($"0/{maximum}");
        server.Stop();
        Assert.Equal(served, server.CountLog("info: allow"));
        Assert.Equal((Clients * Rounds) - served, server.CountLog("info: deny"));
        // Below the limit of a user no client is denied: clients above the total limit wait.
        if (maximum <= maximumPerUser && maximum < 40)
            Assert.Equal(Clients * Rounds, served);
        CheckLog(server.Log, maximum, maximumPerUser);
    }

    [Theory]
    [InlineData(1), InlineData(3), InlineData(8)]
    public void Connections_that_stay_have_each_number_exactly_once(int threads)
    {
        using RunningServer server = RunningServer.Start(
            new ServerSetup { Options = $"-v -j {threads} -c 100 -C {Clients}", Program = Numbered });
        for (int round = 0; round < 2; round++)
        {
            var sockets = new Socket[Clients];
            string[] numbers = new string[Clients];
            InParallel(client =>
            {
                sockets[client] = server.Connect();
                numbers[client] = ReadLine(sockets[client]);
            });
            Assert.Equal(Enumerable.Range(1, Clients), numbers.Select(number => int.Parse(number, CultureInfo.InvariantCulture)).Order());
            Assert.Equal(Clients, server.Files.Children.Count);
            // All places of the user are taken.
            InParallel(_ => Assert.Equal("", server.Ask()));
            Array.ForEach(sockets, socket => socket.Dispose());
            server.ExpectStatus("0/100");
        }
        server.Stop();
        Assert.Equal(2 * Clients, server.CountLog($"info: deny 0:0 count {Clients}/{Clients}"));
        CheckLog(server.Log, 100, Clients);
    }

    [Theory]
    [InlineData(1), InlineData(3), InlineData(8)]
    public void No_line_is_torn_and_the_counts_follow_each_other(int threads)
    {
        const int Rounds = 20;
        using RunningServer server = RunningServer.Start(new ServerSetup
        {
            Before = "put uid/0/allow",
            Options = $"-v -j {threads} -c 10 -C 5",
            Program = "s6-ipcserver-access -v2 -i r s6-connlimit s6-ioconnect --help",
            Redirections = "2> >(cat >log)",
        });
        InParallel(client =>
        {
            for (int i = 0; i < Rounds; i++)
                _ = server.Ask();
        });
        server.ExpectStatus("0/10");
        server.Stop();
        Eventually.Equal("s6-ipcserverd: info: exiting", () => server.Log.LastOrDefault());
        Assert.Equal(Clients * Rounds, server.CountLog("s6-ipcserverd: info: allow") + server.CountLog("s6-ipcserverd: info: deny"));
        Assert.Equal(server.CountLog("s6-ipcserverd: info: allow"), server.CountLog("s6-ipcserver-access: info: allow"));
        CheckLog(server.Log, 10, 5);
    }

    [Theory]
    [InlineData(1), InlineData(3), InlineData(8)]
    public void Waiting_clients_are_served_in_order(int threads)
    {
        const int Waiting = 40;
        using RunningServer server = RunningServer.Start(
            new ServerSetup { Options = $"-v -j {threads} -c 1", Program = "sh -c 'read line; echo $line >>order; echo'" });
        // The only slot is taken while the others come, each with its number sent already.
        Socket first = server.Connect();
        server.WaitForLog("info: status: 1/1");
        var sockets = new List<Socket>();
        for (int i = 0; i < Waiting; i++)
        {
            Socket socket = server.Connect();
            _ = socket.Send([.. $"{i}\n".Select(character => (byte)character)]);
            sockets.Add(socket);
        }
        first.Dispose();
        foreach (Socket socket in sockets)
            Assert.Equal("", ReadLine(socket));
        sockets.ForEach(socket => socket.Dispose());
        server.ExpectStatus("0/1");
        server.Stop();
        IEnumerable<int> order = System.IO.File.ReadAllLines(server["order"]).Where(line => line.Length > 0).Select(line => int.Parse(line, CultureInfo.InvariantCulture));
        Assert.Equal(Enumerable.Range(0, Waiting), order);
    }

    [Theory]
    [InlineData(1, RunningServer.SIGTERM, 0), InlineData(3, RunningServer.SIGTERM, 0), InlineData(8, RunningServer.SIGTERM, 0)]
    [InlineData(1, RunningServer.SIGQUIT, 0), InlineData(3, RunningServer.SIGQUIT, 0), InlineData(8, RunningServer.SIGQUIT, 0)]
    [InlineData(1, RunningServer.SIGABRT, 0), InlineData(3, RunningServer.SIGABRT, 0), InlineData(8, RunningServer.SIGABRT, 0)]
    public void Signals_that_end_it_act_under_load(int threads, int signal, int exitCode)
    {
        using RunningServer server = RunningServer.Start(new ServerSetup { Options = $"-v -j {threads} -c 100 -C 100", Program = "s6-connlimit cat" });
        using var load = new Load(server);
        Eventually.True(() => load.Served > 100, () => "no load");
        server.Signal(signal);
        Assert.Equal(exitCode, server.WaitForExit(killGroup: false));
        load.Stop();
        string[] log = server.Log;
        Assert.Equal("s6-ipcserverd: info: exiting", log[^1]);
        Assert.Equal(1, server.CountLog("info: received SIG"));
        CheckLog(log, 100, 100);
        // With SIGQUIT and SIGABRT no child outlives the server.
        if (signal != RunningServer.SIGTERM)
        {
            IEnumerable<int> started = log.Where(line => line.Contains("info: allow", StringComparison.Ordinal)).Select(line => int.Parse(line.Split(' ')[5], CultureInfo.InvariantCulture));
            Assert.All(started, pid => Eventually.True(() => !new ProcessFiles(pid).IsAlive, () => $"{pid} lives"));
        }
    }

    // The programs end by no other cause. Clients come all the time, so that some have been accepted when the signal comes, and have no program yet.
    [Theory]
    [InlineData(1, RunningServer.SIGQUIT), InlineData(4, RunningServer.SIGQUIT)]
    [InlineData(1, RunningServer.SIGABRT), InlineData(4, RunningServer.SIGABRT)]
    public void Programs_of_clients_that_come_together_with_the_signal_end_too(int threads, int signal)
    {
        for (int round = 0; round < 5; round++)
        {
            using RunningServer server = RunningServer.Start(new ServerSetup { Options = $"-v -j {threads} -c 5000 -C 5000", Program = "sleep 600" });
            Task<List<Socket>>[] floods = [.. Enumerable.Range(0, 3).Select(_ => Task.Factory.StartNew(
                () => Flood(server), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
            Eventually.True(() => server.CountLog("info: allow") > 50, () => "no clients");
            server.Signal(signal);
            Assert.Equal(0, server.WaitForExit(killGroup: false));
            IEnumerable<int> started = server.Log.Where(line => line.Contains("info: allow", StringComparison.Ordinal))
                .Select(line => int.Parse(line.Split(' ')[5], CultureInfo.InvariantCulture));
            Assert.All(started, pid => Eventually.True(() => !new ProcessFiles(pid).IsAlive, () => $"{pid} lives"));
            Assert.All(floods, flood => flood.Result.ForEach(socket => socket.Dispose()));
        }
    }

    private static List<Socket> Flood(RunningServer server)
    {
        List<Socket> sockets = [];
        try
        {
            while (sockets.Count < 1000)
                sockets.Add(server.Connect());
        }
        catch (SocketException)
        {
            // The server has ended.
        }
        return sockets;
    }

    [Theory]
    [InlineData(1), InlineData(3), InlineData(8)]
    public void SIGHUP_under_load_ends_connections_and_not_the_server(int threads)
    {
        using RunningServer server = RunningServer.Start(new ServerSetup { Options = $"-v -j {threads} -c 100 -C 100", Program = "s6-connlimit cat" });
        // All of these stay until the signal.
        List<Socket> staying = [.. Enumerable.Range(0, 20).Select(_ => server.Connect())];
        Assert.All(staying, socket => Assert.Equal("x", RunningServer.Exchange(socket, "x")));
        using (var load = new Load(server))
        {
            for (int i = 1; i <= 10; i++)
            {
                int before = load.Served;
                server.Signal(RunningServer.SIGHUP);
                Eventually.Equal(i, () => server.CountLog("received SIGHUP"));
                Eventually.True(() => load.Served > before + 20, () => "no load");
            }
            load.Stop();
        }
        Assert.All(staying, socket => Assert.Equal("", RunningServer.Exchange(socket, "x")));
        Assert.True(server.CountLog("signal 15") >= staying.Count);
        staying.ForEach(socket => socket.Dispose());
        server.ExpectStatus("0/100");
        Assert.Empty(server.Files.Children);
        server.Stop();
        CheckLog(server.Log, 100, 100);
    }

    [Theory]
    [InlineData(1), InlineData(3), InlineData(8)]
    public void There_are_no_more_threads_than_told_and_none_before_they_are_needed(int threads)
    {
        using RunningServer server = RunningServer.Start(new ServerSetup { Options = $"-j {threads} -c 100 -C 100", Program = "s6-connlimit cat" });
        Assert.Equal("1", server.Files.Status("Threads"));
        using (var load = new Load(server))
        {
            Eventually.True(() => load.Served > 500, () => "no load");
            load.Stop();
        }
        // Plus the first thread, which reads the signals.
        Assert.InRange(int.Parse(server.Files.Status("Threads"), CultureInfo.InvariantCulture), 1, threads == 1 ? 1 : threads + 1);
        server.ExpectStatus("0/100");
        server.Stop();
    }

    /// <summary>Every line has a known shape; each status is one more or less than the previous one, as the line before it says.</summary>
    private static void CheckLog(string[] log, int maximum, int maximumPerUser)
    {
        int count = 0;
        var live = new HashSet<string>();
        string previous = "";
        foreach (string line in log)
        {
            Match match = KnownLine().Match(line);
            Assert.True(match.Success, line);
            if (!line.StartsWith("s6-ipcserverd: ", StringComparison.Ordinal))
                continue;
            string pid = match.Groups["pid"].Value;
            switch (match.Groups["what"].Value)
            {
                case "allow":
                    count++;
                    Assert.True(live.Add(pid), line);
                    Assert.InRange(int.Parse(match.Groups["count"].Value, CultureInfo.InvariantCulture), 1, maximumPerUser);
                    break;
                case "end":
                    count--;
                    Assert.True(live.Remove(pid), line);
                    break;
                case "status":
                    Assert.Equal($"s6-ipcserverd: info: status: {count}/{maximum}", line);
                    break;
            }
            Assert.InRange(count, 0, maximum);
            if (previous is "allow" or "end")
                Assert.Equal("status", match.Groups["what"].Value);
            previous = match.Groups["what"].Value;
        }
    }

    [GeneratedRegex(
        @"^(s6-ipcserverd: info: ((?<what>allow) 0:0 pid (?<pid>\d+) count (?<count>\d+)/\d+|(?<what>end) pid (?<pid>\d+) uid 0 (exitcode|signal) \d+"
        + @"|(?<what>deny) 0:0 count \d+/\d+|(?<what>status): \d+/\d+|starting|exiting|received SIG[A-Z, +a-z]+)"
        + @"|s6-ipcserver-access: info: allow pid \d+ uid 0 gid 0)$")]
    private static partial Regex KnownLine();

    private static string ReadLine(Socket socket)
    {
        var line = new List<char>();
        byte[] buffer = new byte[1];
        try
        {
            while (socket.Receive(buffer) == 1 && buffer[0] != '\n')
                line.Add((char)buffer[0]);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionReset)
        {
            // Refused.
        }
        return new string([.. line]);
    }

    private static void InParallel(Action<int> action)
    {
        // Dedicated threads: all clients run at the same time, whatever the size of the pool.
        var tasks = new Task[Clients];
        for (int i = 0; i < Clients; i++)
        {
            int client = i;
            tasks[i] = Task.Factory.StartNew(() => action(client), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        Task.WaitAll(tasks);
    }

    /// <summary>Clients that connect again and again, until they are stopped or the server is gone.</summary>
    private sealed class Load : IDisposable
    {
        private readonly Task[] tasks;
        private int served;
        private volatile bool stopped;

        internal Load(RunningServer server) =>
            tasks = [.. Enumerable.Range(0, 6).Select(_ => Task.Factory.StartNew(() => Run(server), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];

        internal int Served => Volatile.Read(ref served);

        internal void Stop()
        {
            stopped = true;
            Task.WaitAll(tasks);
        }

        public void Dispose() => Stop();

        private void Run(RunningServer server)
        {
            try
            {
                while (!stopped)
                {
                    using Socket socket = server.Connect();
                    if (RunningServer.Exchange(socket, "x") == "x")
                        _ = Interlocked.Increment(ref served);
                }
            }
            catch (SocketException)
            {
                // The server is gone.
            }
        }
    }
}
