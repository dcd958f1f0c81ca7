using System.Net.Sockets;
using System.Threading;

namespace LocalService.Bench;

/// <summary>What an idle server keeps in memory, at once and after connections, next to the C server of the distribution.</summary>
internal static class Memory
{
    private const int Connections = 100;

    internal static int Run()
    {
        string directory = Directory.CreateTempSubdirectory().FullName;
        try
        {
            string own = Path.Combine(directory, "bin");
            _ = Directory.CreateDirectory(own);
            string executable = Path.Combine(own, "localservice");
            File.Copy("bin/localservice", executable);
            foreach (string role in (string[])["ipcserver", "ipcserver-socketbinder", "applyuidgid", "ipcserverd"])
                File.CreateSymbolicLink(Path.Combine(own, $"s6-{role}"), executable);

            Console.WriteLine("| idle server | VmRSS, KiB | of it private | after " + Connections + " connections |");
            Console.WriteLine("|---|---|---|---|");
            Measure("**localservice ipcserver**", own, directory);
            if (File.Exists("/usr/bin/s6-ipcserver"))
                Measure("Debian's s6-ipcserver", "/usr/bin", directory);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
        return 0;
    }

    private static void Measure(string name, string programs, string directory)
    {
        string socket = Path.Combine(directory, Path.GetRandomFileName());
        var command = new ChildProcess(
            Path.Combine(programs, "s6-ipcserver"), ["s6-ipcserver", socket, "/bin/true"], [$"PATH={programs}:/usr/bin:/bin"]);
        int pid = command.Start();
        try
        {
            while (!File.Exists(socket))
                Thread.Sleep(10);
            Thread.Sleep(200);
            (int resident, int ownPages) = Resident(pid);
            for (int i = 0; i < Connections; i++)
                Connect(socket);
            Thread.Sleep(200);
            Console.WriteLine($"| {name} | {resident} | {ownPages} | {Resident(pid).All} |");
        }
        finally
        {
            ChildProcess.Terminate(pid);
            _ = ChildProcess.Wait(pid);
        }
    }

    /// <summary>Connects and waits until the service has ended the connection.</summary>
    private static void Connect(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(path));
        _ = socket.Receive(new byte[1]);
    }

    /// <summary>Resident memory in KiB, proc_pid_status(5): all of it, and what is not backed by a file and so belongs to this process alone.</summary>
    private static (int All, int Private) Resident(int pid)
    {
        string[] lines = File.ReadAllLines($"/proc/{pid}/status");
        return (Field("VmRSS:"), Field("RssAnon:"));

        int Field(string name) => int.Parse(lines.First(line => line.StartsWith(name)).Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[^2]);
    }
}
