using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;

namespace LocalService.Tests;

/// <summary>A system call of a process, as strace(1) reports it.</summary>
/// <param name="Process">The thread that made it.</param>
/// <param name="Name">Its name.</param>
/// <param name="Text">The arguments and the result.</param>
public sealed partial record SystemCall(int Process, string Name, string Text)
{
    /// <summary>Traces a server, its threads and its children while something happens.</summary>
    /// <returns>Every call that was started, in order. One that the kernel begins again, because a signal has come, is one.</returns>
    public static IReadOnlyList<SystemCall> Trace(RunningServer server, Action action)
    {
        string file = server["trace"];
        File.Delete(file);
        string[] command = ["/usr/bin/strace", "-f", "-o", file, "-p", $"{server.Id}"];
        using (TestProcess tracer = TestProcess.Start(command, Path.GetDirectoryName(file)!))
        {
            // The status file of each traced thread names its tracer.
            Eventually.True(
                () => Directory.GetDirectories($"/proc/{server.Id}/task").All(task => !File.ReadAllText(task + "/status").Contains("TracerPid:\t0\n", StringComparison.Ordinal)),
                () => "not traced");
            action();
            tracer.Signal(RunningServer.SIGTERM);
            _ = tracer.WaitForExit(Eventually.Limit);
        }
        return Parse(File.ReadLines(file));
    }

    private static List<SystemCall> Parse(IEnumerable<string> lines)
    {
        List<SystemCall> calls = [];
        foreach (string line in lines)
        {
            if (Call().Match(line) is { Success: true } call)
                calls.Add(new(int.Parse(call.Groups[1].Value, null), call.Groups[2].Value, call.Groups[3].Value));
            if (Resumed().Match(line) is { Success: true } rest)
            {
                int place = calls.FindLastIndex(started => started.Process == int.Parse(rest.Groups[1].Value, null));
                if (place >= 0)
                    calls[place] = calls[place] with { Text = calls[place].Text + rest.Groups[2].Value };
            }
        }
        calls.RemoveAll(call => call.Text.Contains("= ? ERESTARTNOINTR", StringComparison.Ordinal));
        return calls;
    }

    // Neither matches the lines about signals and exits.
    [GeneratedRegex(@"^(\d+) +(\w+)\((.*)$")]
    private static partial Regex Call();

    [GeneratedRegex(@"^(\d+) +<\.\.\. \w+ resumed>(.*)$")]
    private static partial Regex Resumed();
}
