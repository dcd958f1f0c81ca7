using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;
using Xunit;

namespace LocalService.Tests.EndToEnd.Server;

/// <summary>Gates that the server asks itself: the cost of a client, the process id in a line, and rules that change.</summary>
public sealed class GateTests
{
    // A tolerance of a few pages.
    private const long AllowedGrowthKiB = 16;
    private const long MemoryOfThreadKiB = 48;

    [Theory]
    [InlineData("put uid/5/allow", "s6-ipcserver-access -v0 -i r cat", 0)]
    [InlineData("mkcdb c uid/0 D", "s6-ipcserver-access -v0 -x c cat", 0)]
    [InlineData("export IPCCONNMAX=0", "s6-connlimit cat", 0)]
    [InlineData("put uid/5/allow", "s6-connlimit s6-ipcserver-access -i r cat", 0)]
    [InlineData("", "/usr/bin/false", 1)]
    public void A_refused_connection_creates_no_process(string before, string program, int processes)
    {
        const int Connections = 50;
        using RunningServer server = RunningServer.Start(new ServerSetup { Before = before, Program = program, Options = "-v -j 1" });
        // The first client starts the thread that asks the gates.
        Assert.Equal("", server.Ask());
        IReadOnlyList<SystemCall> calls = SystemCall.Trace(server, () =>
        {
            for (int i = 0; i < Connections; i++)
                Assert.Equal("", server.Ask());
            Eventually.Equal(Connections + 1, () => server.CountLog("info: end pid"));
        });
        Assert.Equal(processes * Connections, calls.Count(call => call.Name is "clone" or "clone3" or "fork" or "vfork"));
        Assert.Equal(processes * Connections, calls.Count(call => call.Name == "execve"));
        server.Stop();
    }

    [Theory]
    [InlineData(""), InlineData("-S")]
    public void The_lines_of_a_gate_carry_the_process_id_of_the_program(string mode)
    {
        using RunningServer server = RunningServer.Start(
            new ServerSetup { Program = "s6-ipcserver-access s6-ipcserver-access sh -c 'echo $$'", Options = "-v " + mode });
        string pid = server.Ask().Trim();
        server.WaitForLog("info: end");
        server.Stop();
        Assert.Equal(2, server.Log.Count(line => line == $"s6-ipcserver-access: info: allow pid {pid} uid 0 gid 0"));
        Assert.Equal(1, server.CountLog($"s6-ipcserverd: info: allow 0:0 pid {pid} count 1/40"));
        Assert.Equal(1, server.CountLog($"s6-ipcserverd: info: end pid {pid} uid 0 exitcode 0"));
    }

    [Fact]
    public void The_lines_of_a_refusal_carry_the_process_id_of_the_server()
    {
        using RunningServer server = RunningServer.Start(
            new ServerSetup { Before = "put uid/0/deny", Program = "s6-ipcserver-access s6-ipcserver-access -v2 -i r cat", Options = "-v" });
        Assert.Equal("", server.Ask());
        server.WaitForLog("info: end");
        server.Stop();
        string[] expected =
        [
            "s6-ipcserverd: info: starting",
            "s6-ipcserverd: info: status: 0/40",
            $"s6-ipcserver-access: info: allow pid {server.Id} uid 0 gid 0",
            $"s6-ipcserver-access: info: deny pid {server.Id} uid 0 gid 0: Permission denied",
            $"s6-ipcserverd: info: allow 0:0 pid {server.Id} count 1/40",
            "s6-ipcserverd: info: status: 1/40",
            $"s6-ipcserverd: info: end pid {server.Id} uid 0 exitcode 1",
            "s6-ipcserverd: info: status: 0/40",
            "s6-ipcserverd: info: received SIGTERM, quitting",
            "s6-ipcserverd: info: exiting",
        ];
        Assert.Equal(expected, server.Log);
    }

    [Theory]
    [InlineData(""), InlineData("-S")]
    public void A_change_in_a_directory_counts_from_the_next_connection_on(string mode)
    {
        using RunningServer server = RunningServer.Start(
            new ServerSetup { Before = "put uid/0/allow", Program = "s6-ipcserver-access -v0 -i r sh -c 'echo in $A'", Options = mode });
        (string Change, string Answer)[] steps =
        [
            ("true", "in\n"),
            ("mkdir r/uid/0/env; echo 1 >r/uid/0/env/A", "in 1\n"),
            ("echo 2 >r/uid/0/env/A", "in 2\n"),
            ("mv r/uid/0/allow r/uid/0/deny", ""),
            ("rm -r r/uid/0", ""),
            ("put gid/0/allow", "in\n"),
            ("mv r away", ""),
            ("mkdir r; put uid/default/allow", "in\n"),
            ("touch r/uid/default/env", ""),
            ("rm r/uid/default/env", "in\n"),
            ("rm -r r; ln -s away r", "in\n"),
            ("echo echo script >r/gid/0/exec", "script\n"),
        ];
        foreach ((string change, string answer) in steps)
        {
            Assert.Equal("", server.Run(change).Error);
            Assert.Equal((change, answer), (change, server.Ask()));
        }
        server.Stop();
    }

    [Theory]
    [InlineData(""), InlineData("-S")]
    public void A_database_that_is_replaced_or_damaged_counts_from_the_next_connection_on(string mode)
    {
        using RunningServer server = RunningServer.Start(
            new ServerSetup { Before = "mkcdb c uid/0 'A\\0\\0\\0\\0'", Program = "s6-ipcserver-access -v0 -x c sh -c 'echo in $A'", Options = "-v " + mode });
        (string Change, string Answer, int ExitCode)[] steps =
        [
            ("true", "in\n", 0),
            ("mkcdb n uid/0 D; mv n c", "", 1),
            ("mkcdb n gid/0 'A\\0\\0\\0\\0'; mv n c", "in\n", 0),
            ("truncate -s 1000 c", "", 111),
            (": >c", "", 111),
            ("head -c 4096 /dev/zero | tr '\\0' '\\377' >c", "", 111),
            ("rm c", "", 111),
            ("mkdir c", "", 111),
            ("rmdir c; ln -s c c", "", 111),
            ("rm c; mkcdb c uid/0 'A\\377\\377'", "", 111),
            ("mkcdb n uid/0 'A\\0\\0\\0\\0'; mv n c", "in\n", 0),
            ("s6-accessrules-cdb-from-fs c r 2>/dev/null; mkdir r; put uid/0/allow; mkdir r/uid/0/env; echo 1 >r/uid/0/env/A; s6-accessrules-cdb-from-fs c r", "in 1\n", 0),
        ];
        foreach ((string change, string answer, int exitCode) in steps)
        {
            Assert.Equal("", server.Run(change).Error);
            int ends = server.CountLog("info: end");
            Assert.Equal((change, answer), (change, server.Ask()));
            Eventually.Equal(ends + 1, () => server.CountLog("info: end"));
            string end = server.Log.Last(line => line.Contains("info: end", StringComparison.Ordinal));
            Assert.True(end.EndsWith($" exitcode {exitCode}", StringComparison.Ordinal), $"{change}: {end}");
        }
        server.ExpectStatus("0/40");
        server.Stop();
    }

    [Theory]
    [InlineData("put uid/0/deny", "-v2 -i r", 20_000)]
    [InlineData("put uid/5/allow", "-i r", 4_000)]
    [InlineData("mkcdb c uid/0 D", "-v2 -x c", 20_000)]
    [InlineData("head -c 3000 /dev/zero | tr '\\0' x >c", "-x c", 4_000)]
    public void Nothing_is_left_of_refused_connections(string before, string options, int connections)
    {
        const int Clients = 4;
        using RunningServer server = RunningServer.Start(
            new ServerSetup { Before = before, Program = $"s6-connlimit s6-ipcserver-access {options} cat", Options = "-v", Redirections = "2>/dev/null" });
        void Refuse(int count) => Parallel.For(0, Clients, new ParallelOptions { MaxDegreeOfParallelism = Clients }, _ =>
        {
            for (int i = 0; i < count / Clients; i++)
                Assert.Equal("", server.Ask());
        });
        Refuse(connections / 20);
        // Each thread has its own descriptor, and memory once it has served a client. Some threads may not have needed either so far.
        int Threads() => int.Parse(server.Files.Status("Threads"), CultureInfo.InvariantCulture);
        (int descriptors, long resident) = (server.RestingDescriptors, server.Files.ResidentKiB);
        Refuse(connections);
        Assert.Equal(descriptors, server.RestingDescriptors);
        Assert.InRange(server.Files.ResidentKiB, 0, resident + AllowedGrowthKiB + (Threads() * MemoryOfThreadKiB));
        Assert.Empty(server.Files.Children);
        server.Stop();
    }

    [Fact]
    public void Nothing_is_left_of_edits_and_scripts()
    {
        const int Connections = 500;
        using RunningServer server = RunningServer.Start(new ServerSetup
        {
            Before = "put uid/0/allow; mkdir r/uid/0/env; for i in {1..50}; do head -c 4000 /dev/zero | tr '\\0' x >r/uid/0/env/V$i; done",
            Program = "s6-ipcserver-access -v0 -i r s6-connlimit s6-ioconnect --help",
            Options = "-j 1",
        });
        void Serve(int connections)
        {
            for (int i = 0; i < connections; i++)
                Assert.StartsWith("usage: ", server.Ask(), StringComparison.Ordinal);
            Eventually.Equal(0, () => server.Files.Children.Count);
        }
        Serve(Connections / 10);
        (int descriptors, long resident) = (server.RestingDescriptors, server.Files.ResidentKiB);
        Serve(Connections);
        Assert.Equal(descriptors, server.RestingDescriptors);
        Assert.InRange(server.Files.ResidentKiB, 0, resident + AllowedGrowthKiB);
        server.Stop();
    }

    [Fact]
    public void Clients_that_are_let_in_have_none_of_the_memory_of_each_other()
    {
        // Every user has variables of its own; a mixed-up value would be that of another client.
        uint[] users = [1001, 1002, 1003, 1004];
        using RunningServer server = RunningServer.Start(new ServerSetup
        {
            Before = "for u in 1001 1002 1003 1004; do put uid/$u/allow; mkdir r/uid/$u/env; echo $u >r/uid/$u/env/MINE; echo $u >r/uid/$u/env/OF$u; done",
            Program = "s6-ipcserver-access -v0 -i r sh -c 'echo $IPCREMOTEEUID $MINE $OF1001$OF1002$OF1003$OF1004'",
            Options = "-j 4",
        });
        _ = Parallel.ForEach(users, user =>
        {
            string output = server.Run("for i in {1..50}; do s6-ipcclient sock s6-ioconnect </dev/null; done | sort -u", user).Output;
            Assert.Equal($"{user} {user} {user}\n", output);
        });
        server.Stop();
    }
}
