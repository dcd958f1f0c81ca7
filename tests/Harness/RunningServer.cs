using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace LocalService.Tests;

/// <summary>How a <see cref="RunningServer"/> is started, as bash text.</summary>
public sealed record ServerSetup
{
    /// <summary>The options of s6-ipcserver, besides <c>-1</c>.</summary>
    public string Options { get; init; } = "";

    /// <summary>The program for each connection.</summary>
    public string Program { get; init; } = "cat";

    /// <summary>The path of the socket, relative to the directory of the server.</summary>
    public string Path { get; init; } = "sock";

    /// <summary>Commands that run first: files, limits, variables.</summary>
    public string Before { get; init; } = "";

    /// <summary>The prefix of the server's name: a program that executes it and a blank, or the folder it is in.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Where the descriptors lead; 0 is the null device otherwise.</summary>
    public string Redirections { get; init; } = "2>log";

    /// <summary>Whether the server announces readiness on descriptor 1. Otherwise the harness tries until a connection succeeds.</summary>
    public bool Announce { get; init; } = true;

    /// <summary>The uid and gid that the server is started with; 0 is root.</summary>
    public uint UserId { get; init; }
}

/// <summary>
/// A server of this project in a directory of its own, ready for connections; its log is the file <c>log</c> there. At the end it is killed with all
/// its children.
/// </summary>
public sealed class RunningServer : IDisposable
{
    /// <summary>Numbers of signals, signal(7).</summary>
    public const int SIGHUP = 1, SIGQUIT = 3, SIGABRT = 6, SIGKILL = 9, SIGUSR1 = 10, SIGUSR2 = 12, SIGPIPE = 13, SIGTERM = 15, SIGCHLD = 17, SIGCONT = 18, SIGSTOP = 19;

    private readonly TestProcess process;
    private readonly TestDirectory directory = new();
    private readonly string path;

    private RunningServer(ServerSetup setup)
    {
        Prerequisites.Require();
        path = setup.Path.StartsWith('@') ? "\0" + setup.Path[1..] : directory[setup.Path];
        string announcement = setup.Announce ? ">ready" : "";
        string option = setup.Announce ? "-1" : "";
        string script =
            $"{setup.Before}\nexec {setup.Prefix}s6-ipcserver {option} {setup.Options} -- {setup.Path} {setup.Program} </dev/null {announcement} {setup.Redirections}";
        var environment = new Dictionary<string, string> { ["PATH"] = ProgramsUnderTest.Ours.SearchPath, ["LC_ALL"] = "C" };
        process = TestProcess.Start(["/usr/bin/bash", "-c", script], directory.FullPath, environment, userId: setup.UserId);
        Files = new ProcessFiles(process.Id);
        try
        {
            Eventually.True(() => !Files.IsAlive || (setup.Announce ? File.Exists(directory["ready"]) && new FileInfo(directory["ready"]).Length > 0 : CanConnect()), () => "no server");
            Assert.True(Files.IsAlive, $"the server did not start: {LogText}");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The process id.</summary>
    public int Id => process.Id;

    /// <summary>What the kernel reports about the server.</summary>
    public ProcessFiles Files { get; }

    /// <summary>The lines of its log.</summary>
    public string[] Log => LogText.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private string LogText => File.Exists(directory["log"]) ? File.ReadAllText(directory["log"], Encoding.Latin1) : "";

    /// <summary>Starts a server and waits until it is ready.</summary>
    public static RunningServer Start(ServerSetup setup) => new(setup);

    /// <summary>The path of a file in its directory.</summary>
    public string this[string name] => directory[name];

    /// <summary>How many lines of the log contain a text.</summary>
    public int CountLog(string text) => Log.Count(line => line.Contains(text, StringComparison.Ordinal));

    /// <summary>Waits until the log has a line that contains a text.</summary>
    public void WaitForLog(string text) =>
        Eventually.True(() => CountLog(text) > 0, () => $"no line \"{text}\" in:\n{LogText}");

    /// <summary>A connection as the user of the tests. A read from it fails after the usual limit.</summary>
    public Socket Connect()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
        {
            ReceiveTimeout = (int)Eventually.Limit.TotalMilliseconds,
            SendTimeout = (int)Eventually.Limit.TotalMilliseconds,
        };
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Connects, sends a text and the end of file, and returns everything that comes back. A reset also counts as the end of file.</summary>
    public string Ask(string text = "")
    {
        using Socket socket = Connect();
        return Talk(socket, text);
    }

    /// <summary>Sends a text and the end of file on a connection, and returns everything that comes back.</summary>
    public static string Talk(Socket socket, string text)
    {
        var answer = new StringBuilder();
        try
        {
            if (text.Length > 0)
                _ = socket.Send(Encoding.Latin1.GetBytes(text));
            socket.Shutdown(SocketShutdown.Send);
            byte[] buffer = new byte[4096];
            for (int size = socket.Receive(buffer); size > 0; size = socket.Receive(buffer))
                _ = answer.Append(Encoding.Latin1.GetString(buffer, 0, size));
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown or SocketError.NotConnected)
        {
            // The server has closed the connection before everything was sent.
        }
        return answer.ToString();
    }

    /// <summary>
    /// Sends a text and waits for the same number of bytes. Returns fewer if the end of file comes first.
    /// </summary>
    public static string Exchange(Socket socket, string text)
    {
        try
        {
            _ = socket.Send(Encoding.Latin1.GetBytes(text));
            byte[] buffer = new byte[text.Length];
            int received = 0;
            for (int size = -1; size != 0 && received < buffer.Length; received += size)
                size = socket.Receive(buffer, received, buffer.Length - received, SocketFlags.None);
            return Encoding.Latin1.GetString(buffer, 0, received);
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown)
        {
            return "";
        }
    }

    /// <summary>
    /// Serves a burst of clients, until none of their programs is left. After that the server has everything that it creates on demand, such as
    /// threads and tables, so any further growth is a leak.
    /// </summary>
    public void WarmUp()
    {
        _ = Parallel.For(0, 100, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ => Ask());
        Eventually.Equal(0, () => Files.Children.Count);
    }

    /// <summary>The output of a bash command in the directory of the server.</summary>
    public ProcessResult Run(string script, uint userId = 0)
    {
        var environment = new Dictionary<string, string> { ["PATH"] = ProgramsUnderTest.Ours.SearchPath, ["LC_ALL"] = "C" };
        return TestProcess.Run(["/usr/bin/bash", "-c", script], directory.FullPath, environment, userId: userId);
    }

    /// <summary>
    /// How many descriptors the idle server has. It waits for a stable number, because a client sees the end of its connection before the server
    /// closes it.
    /// </summary>
    public int RestingDescriptors
    {
        get
        {
            // The kernel's list may miss an open descriptor while another one is being closed.
            int before = -1;
            for (int same = 0, now = 0; same < 5; before = now)
            {
                Thread.Sleep(10);
                now = Files.Descriptors;
                same = now == before ? same + 1 : 0;
            }
            return before;
        }
    }

    /// <summary>Sends a signal to the server alone.</summary>
    public void Signal(int number) => process.Signal(number);

    /// <summary>Asks the server for its status line, which must become the given one once the server is idle.</summary>
    public void ExpectStatus(string expected)
    {
        Eventually.True(
            () =>
            {
                int lines = CountLog("info: status: ");
                Signal(SIGUSR1);
                Eventually.True(() => CountLog("info: status: ") > lines, () => "no status line");
                return Log.Last(line => line.Contains("info: status: ", StringComparison.Ordinal)) == $"s6-ipcserverd: info: status: {expected}";
            },
            () => $"status is not {expected}: {Log.LastOrDefault()}");
    }

    /// <summary>Waits until the server ends by itself.</summary>
    /// <param name="killGroup">Whether to kill its children afterwards.</param>
    /// <returns>The exit code, or 128 plus the number of the signal that ended it.</returns>
    public int WaitForExit(bool killGroup = true) => killGroup ? process.Wait(Eventually.Limit).ExitCode : process.WaitForExit(Eventually.Limit);

    /// <summary>Sends SIGTERM and expects the server to exit with code 0.</summary>
    public void Stop()
    {
        Signal(SIGTERM);
        Assert.Equal(0, WaitForExit());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        process.Dispose();
        directory.Dispose();
    }

    private bool CanConnect()
    {
        try
        {
            using Socket socket = Connect();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
