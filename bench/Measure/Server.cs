using System.Net;
using System.Net.Sockets;
using System.Threading;

namespace LocalService.Bench;

/// <summary>A server that runs until it is disposed of.</summary>
internal sealed class Server : IDisposable
{
    /// <summary>The possible gates in front of a server's program.</summary>
    internal enum Gate
    {
        None,
        Directory,
        Database,
        Refusing,
    }

    /// <summary>The usual maximum of simultaneous connections: one that every candidate supports.</summary>
    internal const int Room = 1000;

    /// <summary>The prefix of a path that stands for a port.</summary>
    internal const string OverTcp = "tcp:";

    private static readonly TimeSpan longestWait = TimeSpan.FromSeconds(15);

    private Server(int pid, string socket)
    {
        ProcessId = pid;
        Path = socket;
    }

    internal int ProcessId { get; }

    /// <summary>The path of its socket, or "tcp:" and a port of 127.0.0.1.</summary>
    internal string Path { get; }

    /// <summary>Starts the server of a toolkit.</summary>
    /// <param name="session">The run.</param>
    /// <param name="toolkit">The toolkit.</param>
    /// <param name="gate">The gate.</param>
    /// <param name="service">The program for each connection, one of those in bench/floor.</param>
    /// <param name="options">Further options of the server.</param>
    internal static Server Start(Session session, Toolkit toolkit, Gate gate, string service, params string[] options) =>
        Start(session, toolkit, gate, service, Room, options);

    /// <summary>The same, for more simultaneous connections than <see cref="Room"/>.</summary>
    internal static Server Start(Session session, Toolkit toolkit, Gate gate, string service, int room, params string[] options)
    {
        string socket = session.NewPath();
        string connections = Math.Min(room, toolkit.LargestServer).ToString();
        string[] words =
        [
            "s6-ipcserver", "-c", connections, "-C", connections, .. options, "--", socket, .. GateWords(session, gate), Service(service),
        ];
        return Start(new ChildProcess(toolkit.Program("ipcserver"), words, [$"PATH={toolkit.SearchPath}"]), socket);
    }

    /// <summary>Starts a minimal server in C.</summary>
    internal static Server StartFloor(Session session, Gate gate, string service) => StartFloor(session.NewPath(), gate, service);

    /// <summary>The same, on a given socket.</summary>
    internal static Server StartFloor(string socket, Gate gate, string service)
    {
        string[] program = gate == Gate.Refusing ? [] : [Service(service)];
        return Start(new ChildProcess(System.IO.Path.GetFullPath("obj/bench/accept-floor"), ["accept-floor", socket, .. program], []), socket);
    }

    /// <summary>Checks that a server with this gate lets its client in, or refuses it: a measurement of failures would be fast.</summary>
    /// <param name="gate">The gate.</param>
    /// <param name="start">Starts a server with the given service.</param>
    internal static void Check(Gate gate, Func<string, Server> start)
    {
        using Server server = start("answer");
        using Socket client = server.Connect();
        int expected = gate == Gate.Refusing ? 0 : 1;
        int received;
        try
        {
            received = client.Receive(new byte[2]);
        }
        catch (SocketException)
        {
            received = 0;
        }
        if (received != expected)
            throw new InvalidOperationException($"a server with gate {gate} answered {received} bytes");
    }

    internal Socket Connect()
    {
        if (Path.StartsWith(OverTcp))
        {
            var stream = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            stream.Connect(IPAddress.Loopback, int.Parse(Path[OverTcp.Length..]));
            return stream;
        }
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(Path));
        return socket;
    }

    /// <summary>The number of child processes, including those of all threads, proc_tid_children(5).</summary>
    internal int Children => Directory.EnumerateDirectories($"/proc/{ProcessId}/task").Sum(
        task => File.ReadAllText(System.IO.Path.Combine(task, "children")).Count(character => character == ' '));

    /// <summary>Waits for a condition; false when it takes too long.</summary>
    internal static bool Await(Func<bool> condition)
    {
        DateTime deadline = DateTime.UtcNow + longestWait;
        bool met;
        while (!(met = condition()) && DateTime.UtcNow < deadline)
            Thread.Sleep(5);
        return met;
    }

    public void Dispose()
    {
        // Its children first: not every system has a process that reaps orphans.
        _ = Await(() => Children == 0);
        ChildProcess.Terminate(ProcessId);
        _ = ChildProcess.Wait(ProcessId);
        File.Delete(Path);
    }

    /// <summary>Starts a server with a command, and waits until it accepts connections.</summary>
    internal static Server Start(ChildProcess command, string socket)
    {
        var server = new Server(command.Start(), socket);
        if (!Await(server.Answers))
            throw new TimeoutException("a server does not start");
        return server;
    }

    private bool Answers()
    {
        try
        {
            Connect().Dispose();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>The words of a gate, in front of the program.</summary>
    internal static string[] GateWords(Session session, Gate gate) => gate switch
    {
        Gate.Directory => ["s6-ipcserver-access", "-v", "0", "-i", session.Rules.Allow],
        Gate.Database => ["s6-ipcserver-access", "-v", "0", "-x", session.Rules.AllowDatabase],
        Gate.Refusing => ["s6-ipcserver-access", "-v", "0", "-i", session.Rules.Deny],
        _ => [],
    };

    /// <summary>A program of bench/floor.</summary>
    internal static string Service(string name) => System.IO.Path.GetFullPath($"obj/bench/{name}");
}
