using System.Net;
using System.Net.Sockets;

namespace LocalService.Bench;

/// <summary>The server, gate and client over TCP, compared with Debian's ucspi-tcp and a minimal server.</summary>
internal static class Tcp
{
    private const string Peer = "Debian's ucspi-tcp";
    private const string PeerFolder = "/usr/bin";

    internal static void Run(Session session)
    {
        var rules = new Rules(session);
        string[] names = [session.Own.Name, "floor", Peer];
        session.Report.Section("tcp: the server, gate and client over TCP",
            $"As in *connections*, over the loopback; a client closes when it has read to the end. {Peer} is its `tcpserver -HR -l0`, which has its "
            + "rules in a cdb file, also where this project's are in a directory.");
        var rows = new List<(string Name, Load[][] Loads)>();
        foreach ((string label, Server.Gate gate) in Connections.Gates)
        {
            rows.AddRange(Connections.Measure(session, label, gate, Connections.Clients,
            [
                service => StartOwn(session, rules, gate, service),
                service => Server.StartFloor(NewAddress(), gate, service),
                service => StartPeer(rules, gate, service),
            ]));
        }
        Connections.Report(session, names, rows);
        Memory.Compare(session, names,
        [
            () => StartOwn(session, rules, Server.Gate.None, "until-end"),
            () => Server.StartFloor(NewAddress(), Server.Gate.None, "until-end"),
            () => StartPeer(rules, Server.Gate.None, "until-end"),
        ]);
        MeasureStarts(session, rules);
    }

    private static void MeasureStarts(Session session, Rules rules)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        listener.Blocking = false;
        string port = $"{((IPEndPoint)listener.LocalEndPoint!).Port}";
        string target = session.Copy("obj/bench/true");
        string[] environment =
        [
            "PATH=/usr/local/bin:/usr/bin:/bin", "PROTO=TCP", "TCPREMOTEIP=127.0.0.1", "TCPREMOTEPORT=50000", "TCPLOCALIP=127.0.0.1", "TCPLOCALPORT=80",
        ];
        (string Role, string[] Options, string[] PeerWords)[] cases =
        [
            ("tcpserver-socketbinder", ["127.0.0.1", "0"], []),
            ("tcpserver-access", ["-v", "0", "-H", "-i", rules.Allow], []),
            ("tcpserver-access", ["-v", "0", "-H", "-x", rules.AllowDatabase], []),
            ("tcpserver-access", ["-v", "0", "-H", "-X", rules.AllowTcpRules], []),
            ("tcpclient", ["-H", "127.0.0.1", port], ["tcpclient", "-HR", "-l0", "127.0.0.1", port, target]),
        ];
        var rows = new List<(string, double[]?[])>();
        ChildProcess.OnOneProcessor(() =>
        {
            foreach ((string role, string[] options, string[] peerWords) in cases)
            {
                string label = $"`{role}{string.Concat(options.Where(option => option is "-i" or "-x" or "-X").Select(option => " " + option))}`";
                session.Progress.Step(label);
                double[]?[] values = Startup.Measure(session, [$"s6-{role}", .. options, target], session.Own.Program(role), environment,
                    peerWords.Length == 0 ? [] : [(Path.Combine(PeerFolder, peerWords[0]), peerWords)], listener);
                rows.Add((label, peerWords.Length == 0 ? [.. values, null] : values));
            }
        });
        session.Report.Compare("role", "Microseconds from the start of a role to the end of the program behind it", "F0",
            [session.Own.Name, "floor", "floor at a random address", "started directly", Peer], rows);
    }

    private static Server StartOwn(Session session, Rules rules, Server.Gate gate, string service)
    {
        string address = NewAddress();
        string[] gateWords = gate switch
        {
            Server.Gate.Directory => ["s6-tcpserver-access", "-v", "0", "-H", "-i", rules.Allow],
            Server.Gate.Database => ["s6-tcpserver-access", "-v", "0", "-H", "-x", rules.AllowDatabase],
            Server.Gate.Refusing => ["s6-tcpserver-access", "-v", "0", "-H", "-i", rules.Deny],
            _ => [],
        };
        string[] words =
        [
            "s6-tcpserver", "-c", $"{Server.Room}", "-C", $"{Server.Room}", "--", "127.0.0.1", PortOf(address), .. gateWords, Server.Service(service),
        ];
        return Server.Start(new ChildProcess(session.Own.Program("tcpserver"), words, [$"PATH={session.Own.SearchPath}"]), address);
    }

    private static Server StartPeer(Rules rules, Server.Gate gate, string service)
    {
        string address = NewAddress();
        string[] gateWords = gate switch
        {
            Server.Gate.None => [],
            Server.Gate.Refusing => ["-x", rules.DenyTcpRules],
            _ => ["-x", rules.AllowTcpRules],
        };
        string[] words =
        [
            "tcpserver", "-HRQ", "-l0", "-c", $"{Server.Room}", "-b", $"{Server.Room}", .. gateWords, "127.0.0.1", PortOf(address), Server.Service(service),
        ];
        return Server.Start(new ChildProcess(Path.Combine(PeerFolder, "tcpserver"), words, ["PATH=/usr/bin:/bin"]), address);
    }

    /// <summary>A port that is free now.</summary>
    private static string NewAddress()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return $"{Server.OverTcp}{((IPEndPoint)socket.LocalEndPoint!).Port}";
    }

    private static string PortOf(string address) => address[Server.OverTcp.Length..];

    /// <summary>Rules for 127.0.0.1, in the formats of both toolkits.</summary>
    private sealed class Rules
    {
        internal Rules(Session session)
        {
            Allow = MakeDirectory(session, "allow");
            Deny = MakeDirectory(session, "deny");
            AllowDatabase = session.NewPath();
            ChildProcess.Run(session.Own.Program("accessrules-cdb-from-fs"), AllowDatabase, Allow);
            AllowTcpRules = Compile(session, "allow");
            DenyTcpRules = Compile(session, "deny");
        }

        internal string Allow { get; }

        internal string Deny { get; }

        internal string AllowDatabase { get; }

        internal string AllowTcpRules { get; }

        internal string DenyTcpRules { get; }

        private static string MakeDirectory(Session session, string verdict)
        {
            string directory = session.NewPath();
            string rule = Path.Combine(directory, "ip4", "127.0.0.1_32");
            _ = Directory.CreateDirectory(rule);
            File.WriteAllText(Path.Combine(rule, verdict), "");
            return directory;
        }

        private static string Compile(Session session, string verdict)
        {
            string database = session.NewPath();
            ChildProcess.Run("/bin/sh", "-c", $"echo 127.0.0.1:{verdict} | tcprules {database} {database}.new");
            return database;
        }
    }
}
