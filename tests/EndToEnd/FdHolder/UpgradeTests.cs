using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace LocalService.Tests.EndToEnd.FdHolder;

/// <summary>The recipe of the README: the holder keeps the socket of a service while one version of its server replaces another.</summary>
public sealed class UpgradeTests : IDisposable
{
    private const int Clients = 4;

    private readonly TestDirectory directory = new();
    private readonly List<TestProcess> processes = [];
    private readonly ConcurrentQueue<string> answers = [];
    private readonly CancellationTokenSource enough = new();
    private readonly Task[] clients = new Task[Clients];

    public UpgradeTests()
    {
        try
        {
            _ = Start("holder-ready", """
                put uid/0/allow uid/0/env/S6_FDHOLDER_STORE_REGEX uid/0/env/S6_FDHOLDER_RETRIEVE_REGEX
                echo '^unix:' | tee r/uid/0/env/S6_FDHOLDER_{STORE,RETRIEVE}_REGEX >/dev/null
                exec s6-fdholder-daemon -1 -i r holder
                """);
            ProcessResult bound = TestProcess.Run(Bash("s6-ipcserver-socketbinder sock s6-fdholder-store holder unix:sock"), directory.FullPath, environment);
            Assert.Equal((0, ""), (bound.ExitCode, bound.Error));
        }
        catch
        {
            // When this constructor fails, only this call ends the holder.
            Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        enough.Cancel();
        processes.ForEach(process => process.Dispose());
        directory.Dispose();
        enough.Dispose();
    }

    [Fact]
    public void A_new_server_takes_over_while_clients_keep_connecting()
    {
        TestProcess old = StartServer("old");
        StartClients();
        AwaitAnswers("old");
        TestProcess replacement = StartServer("new");
        StopServer(old);
        answers.Clear();
        AwaitAnswers("new");
        StopClients();
        // Each client may have had one connection to the old server when it was stopped, and counted the answer later.
        Assert.InRange(answers.Count(answer => answer == "old"), 0, Clients);
        StopServer(replacement);
    }

    [Fact]
    public void Clients_wait_while_there_is_no_server_at_all()
    {
        TestProcess old = StartServer("old");
        StartClients();
        AwaitAnswers("old");
        StopServer(old);
        TestProcess replacement = StartServer("new");
        AwaitAnswers("new");
        StopClients();
        StopServer(replacement);
    }

    [Fact]
    public void However_often_a_server_is_stopped_no_client_is_lost()
    {
        StartClients();
        for (int round = 0; round < 10; round++)
        {
            TestProcess server = StartServer("new");
            int before = answers.Count;
            Eventually.True(() => clients.Any(client => client.IsFaulted) || answers.Count >= before + 100, () => "no answers");
            StopServer(server);
        }
        TestProcess last = StartServer("new");
        StopClients();
        StopServer(last);
    }

    private static readonly Dictionary<string, string> environment = new() { ["PATH"] = ProgramsUnderTest.Ours.SearchPath, ["LC_ALL"] = "C" };

    private static string[] Bash(string script) => ["/usr/bin/bash", "-c", script];

    private TestProcess Start(string ready, string script)
    {
        // The announcement of an earlier server would be taken for this one's.
        File.Delete(directory[ready]);
        TestProcess process = TestProcess.Start(Bash($"exec >{ready}\n{script}"), directory.FullPath, environment);
        processes.Add(process);
        Eventually.True(() => File.Exists(directory[ready]) && new FileInfo(directory[ready]).Length > 0, () => $"not ready: {script}");
        return process;
    }

    private TestProcess StartServer(string version) =>
        Start(version, $"exec s6-fdholder-retrieve holder unix:sock s6-ipcserverd -1 -- printf {version}");

    private static void StopServer(TestProcess server)
    {
        server.Signal(RunningServer.SIGTERM);
        Assert.Equal(0, server.WaitForExit(Eventually.Limit));
    }

    private void StartClients()
    {
        for (int i = 0; i < Clients; i++)
        {
            clients[i] = Task.Factory.StartNew(
                () =>
                {
                    while (!enough.IsCancellationRequested)
                        answers.Enqueue(Ask());
                },
                TaskCreationOptions.LongRunning);
        }
    }

    /// <summary>Stops the clients. Fails the test if one of them was refused or got no answer.</summary>
    private void StopClients()
    {
        enough.Cancel();
        Task.WaitAll(clients, Eventually.Limit);
        Assert.All(answers, answer => Assert.Contains(answer, (string[])["old", "new"]));
    }

    private void AwaitAnswers(string version) => Eventually.True(
        () => clients.Any(client => client.IsFaulted) || answers.Count(answer => answer == version) >= 100, () => $"no answers of {version}");

    private string Ask()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
        {
            ReceiveTimeout = (int)Eventually.Limit.TotalMilliseconds,
        };
        socket.Connect(new UnixDomainSocketEndPoint(directory["sock"]));
        byte[] buffer = new byte[16];
        int length = 0;
        for (int size = -1; size != 0; length += size)
            size = socket.Receive(buffer, length, buffer.Length - length, SocketFlags.None);
        return Encoding.Latin1.GetString(buffer, 0, length);
    }
}
