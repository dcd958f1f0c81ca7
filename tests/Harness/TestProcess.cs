using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading.Tasks;

namespace LocalService.Tests;

/// <summary>
/// A process with a session and process group of its own, default signal dispositions, no environment but the one given, and all its output captured.
/// In the end, everything left in its group is killed.
/// </summary>
public sealed partial class TestProcess : IDisposable
{
    private const int SIGKILL = 9;

    /// <summary>How long the rest of the group may go on writing after the process has ended.</summary>
    private static readonly TimeSpan grace = TimeSpan.FromSeconds(0.5);

    /// <summary>The factor for time limits, from LOCALSERVICE_PATIENCE: emulation is slow.</summary>
    private static readonly int patience =
        int.TryParse(Environment.GetEnvironmentVariable("LOCALSERVICE_PATIENCE"), out int times) ? Math.Max(times, 1) : 1;

    private readonly Process process;
    private readonly Task output;
    private readonly Task error;
    private readonly MemoryStream outputBytes = new();
    private readonly MemoryStream errorBytes = new();
    private readonly string description;
    private bool groupKilled;

    private TestProcess(ProcessStartInfo start, byte[]? input)
    {
        description = string.Join(' ', start.ArgumentList);
        process = Process.Start(start) ?? throw new InvalidOperationException(description);
        output = process.StandardOutput.BaseStream.CopyToAsync(outputBytes);
        error = process.StandardError.BaseStream.CopyToAsync(errorBytes);
        _ = Feed(input ?? []);
    }

    /// <summary>The process id, also that of its group and session.</summary>
    public int Id => process.Id;

    /// <summary>Starts a program.</summary>
    /// <param name="command">The program, searched in the PATH of the environment, and its arguments.</param>
    /// <param name="directory">The working directory.</param>
    /// <param name="environment">The whole environment. By default only the system's PATH.</param>
    /// <param name="input">What it reads from descriptor 0, a pipe.</param>
    /// <param name="userId">The uid and gid to run with, without supplementary groups; 0 stays root.</param>
    public static TestProcess Start(
        IEnumerable<string> command, string directory, IReadOnlyDictionary<string, string>? environment = null, byte[]? input = null, uint userId = 0)
    {
        var start = new ProcessStartInfo("/usr/bin/setsid")
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        List<string> words = ["/usr/bin/env", "--default-signal"];
        if (userId != 0)
            words.AddRange(["/usr/bin/setpriv", "--reuid", $"{userId}", "--regid", $"{userId}", "--clear-groups"]);
        foreach (string word in (IEnumerable<string>)[.. words, .. command])
            start.ArgumentList.Add(word);
        start.Environment.Clear();
        foreach ((string name, string value) in environment ?? new Dictionary<string, string> { ["PATH"] = Prerequisites.SystemPath })
            start.Environment[name] = value;
        return new TestProcess(start, input);
    }

    /// <summary>Starts a program, waits until it ends and collects what it wrote.</summary>
    public static ProcessResult Run(
        IEnumerable<string> command, string directory, IReadOnlyDictionary<string, string>? environment = null, byte[]? input = null,
        uint userId = 0, TimeSpan? limit = null)
    {
        using TestProcess process = Start(command, directory, environment, input, userId);
        return process.Wait(limit ?? TimeSpan.FromSeconds(60));
    }

    /// <summary>Waits until the process ends, kills what is left of its group, and returns the output of the whole group.</summary>
    /// <exception cref="TimeoutException">It didn't end in time and was killed; the message has its output.</exception>
    public ProcessResult Wait(TimeSpan limit)
    {
        limit *= patience;
        bool ended = process.WaitForExit(limit);
        if (ended)
            Task.WaitAll([output, error], grace);
        KillGroup();
        process.WaitForExit();
        // A process that timed out may have left others behind as well, but then its output is more useful than this error.
        if (!Task.WaitAll([output, error], TimeSpan.FromSeconds(10)) && ended)
            throw new InvalidOperationException($"{description}\nleft a process outside its group that keeps its output open");
        var result = new ProcessResult(process.ExitCode, outputBytes.ToArray(), errorBytes.ToArray());
        return ended
            ? result
            : throw new TimeoutException($"{description}\ndid not end within {limit}; stdout:\n{result.Output}\nstderr:\n{result.Error}");
    }

    /// <summary>Waits until the process ends, and leaves the processes that it started alone.</summary>
    /// <returns>The exit code, or 128 plus the number of the signal that ended it.</returns>
    public int WaitForExit(TimeSpan limit) =>
        process.WaitForExit(limit) ? process.ExitCode : throw new TimeoutException($"{description}\ndid not end within {limit}");

    /// <summary>Sends a signal to the process alone.</summary>
    public void Signal(int number) => _ = Kill(process.Id, number);

    /// <summary>Kills whatever is left of the group. Only once: afterwards another group may have its number.</summary>
    public void KillGroup()
    {
        if (!groupKilled)
            _ = Kill(-process.Id, SIGKILL);
        groupKilled = true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        KillGroup();
        process.Dispose();
        outputBytes.Dispose();
        errorBytes.Dispose();
    }

    private async Task Feed(byte[] input)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(input).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The process ended or closed its input before it had read everything.
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int processOrGroup, int signal);
}
