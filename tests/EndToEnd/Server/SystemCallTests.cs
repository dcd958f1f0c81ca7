using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Xunit;

namespace LocalService.Tests.EndToEnd.Server;

/// <summary>
/// The system calls that a connection costs the server: no more than counted when this was written, with a small margin. Some connections cost more
/// by chance (first use of memory, an interrupted wait, a thread that waits for another one). So only a quarter of them has to stay within the limit.
/// It runs when nothing else does: the order of events is that of an idle machine.
/// </summary>
[Collection(nameof(PressureTests))]
public sealed class SystemCallTests
{
    private const int Connections = 100;

    // A child may end between two looks, which takes one more for nearly every connection.
    private const int Margin = 1;

    // poll, accept4, getsockopt, clone, close, poll whether there is another; then poll, read, wait4, wait4 and read at the end of the child.
    private const int Ungated = 11;

    // poll, accept4, getsockopt, shutdown, ioctl, close, poll whether there is another.
    private const int Refused = 7;

    // What the child does before it executes the program: two descriptors, the action of a signal, the signal mask, its process id.
    private const int Child = 5;

    // A line of the log: poll and write.
    private const int Line = 2;

    // The directory, uid/self, uid/0; allow, env and exec, which of the last two are missing; whether the rule, the directory and what was
    // missing are still the same; close; the local name.
    private const int RuleDirectory = 14;

    // openat, fstat, one pread64, close; the local name.
    private const int Database = 5;

    // For whoever has no rule but uid/default: three more keys that are missing, and still missing; for two of them, whether gid leads nowhere; that
    // there are no rules of groups and labels, and still none.
    private const int ByDefault = 6 + 2 + 4;

    [Theory]
    [InlineData("", "-q", "busybox true", Ungated)]
    [InlineData("", "-v", "busybox true", Ungated + (4 * Line))]
    [InlineData("", "-q", "s6-connlimit busybox true", Ungated)]
    [InlineData("put uid/0/allow", "-q", "s6-ipcserver-access -v0 -i r busybox true", Ungated + RuleDirectory)]
    [InlineData("put uid/0/allow", "-q", "s6-connlimit s6-ipcserver-access -v0 -i r s6-connlimit busybox true", Ungated + RuleDirectory)]
    [InlineData("put uid/0/allow; s6-accessrules-cdb-from-fs c r", "-q", "s6-ipcserver-access -v0 -x c busybox true", Ungated + Database)]
    [InlineData("put uid/default/allow", "-q", "s6-ipcserver-access -v0 -i r busybox true", Ungated + RuleDirectory + ByDefault)]
    [InlineData("put group/0/allow; s6-accessrules-cdb-from-fs c r", "-q", "s6-ipcserver-access -v0 -x c busybox true", Ungated + Database + 1)]
    [InlineData("", "-m", "busybox true", Ungated + 1)]
    public void An_accepted_connection(string before, string options, string program, int limit)
    {
        using RunningServer server = RunningServer.Start(new ServerSetup { Before = before, Options = options + " -j 1", Program = program });
        IReadOnlyList<SystemCall> calls = Trace(server, out HashSet<int> threads);
        server.Stop();
        SystemCall[] programs = [.. calls.Where(call => call.Name == "execve")];
        Assert.Equal(Connections, programs.Length);
        Assert.Equal(Connections, programs.Select(call => call.Process).Distinct().Count());
        // Whoever executes no program is a thread of the server, also one that comes by chance.
        threads.UnionWith(calls.Select(call => call.Process).Except(programs.Select(call => call.Process)));
        AssertCost(limit, Turns(calls.Where(call => threads.Contains(call.Process)), "clone"));
        // What a child does before its program: the calls up to the first execve of each.
        AssertCost(Child, calls.Where(call => !threads.Contains(call.Process)).GroupBy(call => call.Process).Select(child => child.TakeWhile(call => call.Name != "execve")));
    }

    [Theory]
    [InlineData("put uid/0/deny", "s6-ipcserver-access -i r false", Refused + 9)]
    [InlineData("put uid/0/deny; s6-accessrules-cdb-from-fs c r", "s6-ipcserver-access -x c false", Refused + Database - 1)]
    [InlineData("export IPCCONNMAX=0", "s6-connlimit false", Refused + Line)]
    public void A_refused_connection(string before, string program, int limit)
    {
        using RunningServer server = RunningServer.Start(new ServerSetup { Before = before, Options = "-q -j 1", Program = program });
        IReadOnlyList<SystemCall> calls = Trace(server, out HashSet<int> threads);
        server.Stop();
        Assert.All(calls, call => Assert.Contains(call.Process, threads));
        AssertCost(limit, Turns(calls, "shutdown"));
    }

    private static IReadOnlyList<SystemCall> Trace(RunningServer server, out HashSet<int> threads)
    {
        // One thread accepts (-j 1): how many threads a burst brings is no matter of this. Beside it is the one that asks gates, which the first client brings.
        Assert.Equal("", server.Ask());
        Eventually.Equal(0, () => server.Files.Children.Count);
        threads = [.. Directory.GetDirectories($"/proc/{server.Id}/task").Select(path => int.Parse(Path.GetFileName(path), null))];
        return SystemCall.Trace(server, () =>
        {
            for (int i = 0; i < Connections; i++)
            {
                Assert.Equal("", server.Ask());
                Eventually.Equal(0, () => server.Files.Children.Count);
            }
        });
    }

    /// <summary>The calls from one connection's to the next one's of a kind that there is once for each.</summary>
    private static IEnumerable<IEnumerable<SystemCall>> Turns(IEnumerable<SystemCall> calls, string once)
    {
        int turn = 0;
        List<IGrouping<int, SystemCall>> turns = [.. calls.GroupBy(call => call.Name == once && !call.Text.Contains("CLONE_THREAD", StringComparison.Ordinal) ? ++turn : turn)];
        Assert.Equal(Connections, turn);
        return turns.Where(group => group.Key is > 0 and < Connections);
    }

    private static void AssertCost(int limit, IEnumerable<IEnumerable<SystemCall>> each)
    {
        SystemCall[][] sorted = [.. each.Select(calls => calls.ToArray()).OrderBy(calls => calls.Length)];
        SystemCall[] calls = sorted[sorted.Length / 4];
        string list = string.Join(", ", calls.GroupBy(call => call.Name).Select(group => $"{group.Key} {group.Count()}"));
        Assert.True(calls.Length <= limit + Margin, $"{calls.Length} instead of {limit}: {list}");
    }
}
